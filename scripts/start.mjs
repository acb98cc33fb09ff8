/**
 * `npm start`: installs missing packages, builds the page if a source is newer, serves it on localhost, prints the address and, on a
 * machine with a display, opens it. Options: `npm start -- --port 5000 --no-open`.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, root } from './install.mjs';
import { serve } from './serve.mjs';

const FIRST_PORT = 4173;
const PORTS_TRIED = 20;
const SOURCES = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts', 'tsconfig.json'];

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

async function buildIfStale() {
  const built = statSync(join(root, 'dist', 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built > Math.max(...SOURCES.map((source) => newest(join(root, source))))) return;
  console.log('Building …');
  const { build } = await import('vite');
  await build({ root, logLevel: 'warn' });
}

async function serveOnFreePort(first) {
  for (let port = first; port < first + PORTS_TRIED; port++) {
    try {
      return { ...(await serve(join(root, 'dist'), port)), port };
    } catch (error) {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    }
  }
  throw new Error(
    `Ports ${first} to ${first + PORTS_TRIED - 1} are all in use: choose another with "npm start -- --port N".`,
  );
}

function openBrowser(url) {
  const hasDisplay = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!hasDisplay || process.env.CI || process.env.SSH_CONNECTION) return;
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => {
      // No program opens links: the address has been printed.
    })
    .unref();
}

function options() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, 'no-open': { type: 'boolean', default: false } },
    });
    const port = Number(values.port ?? FIRST_PORT);
    if (!Number.isInteger(port) || port < 1 || port > 65_535 - PORTS_TRIED)
      throw new Error(`--port is a number from 1 to ${65_535 - PORTS_TRIED}.`);
    return { port, open: !values['no-open'] };
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

const { port: wanted, open } = options();
ensureInstalled();
try {
  await buildIfStale();
  if (!existsSync(join(root, 'dist', 'index.html'))) throw new Error('The build wrote no dist/index.html.');
  const { url, port } = await serveOnFreePort(wanted);
  if (port !== wanted)
    console.log(
      `Port ${wanted} is in use (perhaps by another ReLU Studio); using ${port}. ` +
        `Browsers store data per address: data sets and runs saved at port ${wanted} are not available at this one.`,
    );
  console.log(`ReLU Studio: ${url}   (press Ctrl-C to stop)`);
  if (open) openBrowser(url);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
