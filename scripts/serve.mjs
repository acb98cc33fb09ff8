/**
 * A static file server for the built page, bound to localhost, where browsers allow WebGPU and OPFS without a certificate. It serves
 * everything that the page loads and receives nothing.
 *
 *   node scripts/serve.mjs [FOLDER] [PORT]
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.map': 'application/json; charset=utf-8',
};

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** The file that a request names, or null. A folder stands for its index.html; paths outside `folder` are refused. */
function fileFor(folder, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  const file = normalize(join(folder, path));
  if (file !== folder && !file.startsWith(folder + sep)) return null;
  return [file, join(file, 'index.html')].find(isFile) ?? null;
}

function answer(folder, request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405).end();
  const file = fileFor(folder, request.url ?? '/');
  if (!file) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('Not found');
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': statSync(file).size,
    // The names of files under assets/ contain a hash of their content.
    'cache-control': file.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (request.method === 'HEAD') response.end();
  else createReadStream(file).pipe(response);
}

const listen = (handler, port, host) =>
  new Promise((done, failed) => {
    const server = createServer(handler);
    server.once('error', failed);
    server.listen(port, host, () => done(server));
  });

/**
 * Serves `folder` on `port` of 127.0.0.1 and, if the machine has IPv6, ::1.
 * @throws the server's error, with code EADDRINUSE if the port is in use
 */
export async function serve(folder, port) {
  const served = resolve(folder);
  const handler = (request, response) => answer(served, request, response);
  const servers = [await listen(handler, port, '127.0.0.1')];
  try {
    servers.push(await listen(handler, port, '::1'));
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      servers[0].close();
      throw error;
    }
    // No IPv6 on this machine: 127.0.0.1 is enough.
  }
  return { url: `http://localhost:${port}/`, close: () => servers.forEach((server) => server.close()) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder = join(root, 'dist'), port = '4173'] = process.argv.slice(2);
  const { url } = await serve(folder, Number(port));
  console.log(url);
}
