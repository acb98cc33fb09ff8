/**
 * Installs the packages of package.json that node_modules lacks. Needs only Node and npm, so that `npm start` and `npm test` work
 * on a fresh clone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const OLDEST_NODE = [20, 19];

/** Exits with one line and code 2 if this Node is too old for Vite and the WebGPU binding. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(
    `ReLU Studio needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org.`,
  );
  process.exit(2);
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Required packages that node_modules lacks or has in another version than package.json pins. */
function missing() {
  const { dependencies, devDependencies } = readJson(join(root, 'package.json'));
  return Object.entries({ ...dependencies, ...devDependencies }).filter(([name, version]) => {
    const manifest = join(root, 'node_modules', name, 'package.json');
    return !existsSync(manifest) || readJson(manifest).version !== version;
  });
}

const npm = (verb) =>
  spawnSync('npm', [verb, '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  }).status === 0;

/** Runs `npm ci`, else `npm install`, if a package is missing. Exits with code 1 if both fail. */
export function ensureInstalled() {
  requireNode();
  if (missing().length === 0) return;
  console.error('Installing packages …');
  if (!npm('ci') && !npm('install')) {
    console.error('The packages could not be installed: check the network and npm’s messages above, then try again.');
    process.exit(1);
  }
  const rest = missing();
  if (rest.length > 0) {
    console.error(
      `Still missing after the installation: ${rest.map(([name, version]) => `${name}@${version}`).join(', ')}.`,
    );
    process.exit(1);
  }
}
