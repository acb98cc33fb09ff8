/**
 * The embedded software adapter: a Vulkan loader and SwiftShader from the npm package @sparticuz/chromium, for x86-64 Linux. Taken
 * through npm, so that the registry that npm is set up with is used, when a GPU is first needed. The package has 68 MB; only the
 * three files below (7 MB) are kept, in the project's .cache folder.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress, createGunzip } from 'node:zlib';
import { chunksOfBytes, type Chunks } from '../../data/source.ts';
import { untar } from '../../data/tar.ts';

const PACKAGE = '@sparticuz/chromium';
const VERSION = '147.0.0';
export const EMBEDDED_PACKAGE = `${PACKAGE} ${VERSION}`;

/** The files that are kept, and their SHA-256. */
const FILES: Readonly<Record<string, string>> = {
  'libvulkan.so.1': 'fe17a77c1f2df38d3b6a935140f746fd80aac564bb44eb3e4f6b75a504295a41',
  'libvk_swiftshader.so': '5b9e8591c7c2d1c9618c3ad485d0cdffb81f5f1ffd6a982fdb6578c2d8d3213e',
  'vk_swiftshader_icd.json': 'c9eef28b6b984fec220ef0abfecc40b502d46946706e47bfe97707027cb818bd',
};
/** The archive within the package that holds them. */
const ARCHIVE = 'package/bin/swiftshader.tar.br';

/** Longest wait for npm, milliseconds. */
const NPM_TIMEOUT_MS = 180_000;

const hasHash = (bytes: Uint8Array, sha256: string): boolean =>
  createHash('sha256').update(bytes).digest('hex') === sha256;

/** The project's .cache folder; the user's where this program runs outside the project. */
function cacheFolder(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package-lock.json')) && existsSync(join(folder, 'src', 'cli')))
      return join(folder, '.cache');
    if (folder === dirname(folder)) break;
  }
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'relu-studio');
}

/** Whether all files are in the folder, undamaged. */
async function isComplete(folder: string): Promise<boolean> {
  const whole = await Promise.all(
    Object.entries(FILES).map(async ([name, sha256]) => {
      const bytes = await readFile(join(folder, name)).catch(() => null);
      return bytes !== null && hasHash(bytes, sha256);
    }),
  );
  return whole.every(Boolean);
}

/** Runs npm. @throws Error with npm's own reason */
function npm(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // Standard output belongs to the command that needs the GPU.
    const child = spawn('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: NPM_TIMEOUT_MS });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', (error) => reject(new Error(`npm does not start: ${error.message}`, { cause: error })));
    child.on('close', (code) => {
      if (code === 0) return resolve();
      const lines = said.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
      const reason = lines.find((line) => line !== '' && !/^(npm warn|code |errno |syscall )/i.test(line));
      reject(new Error(reason ?? `npm ended with code ${code ?? 'none, it took too long'}`));
    });
  });
}

async function memberOf(chunks: Chunks, archive: string, wanted: string): Promise<Uint8Array> {
  for await (const { name, data } of untar(chunks, archive)) if (name.replace(/^\.\//, '') === wanted) return data;
  throw new Error(`${archive} lacks ${wanted}`);
}

/**
 * The wanted files (name → SHA-256) out of the package's archive.
 * @throws Error where one is missing or is not the pinned one
 */
export async function extract(
  tarball: string,
  wanted: Readonly<Record<string, string>> = FILES,
): Promise<Map<string, Uint8Array>> {
  const packed = await memberOf(createReadStream(tarball).pipe(createGunzip()), EMBEDDED_PACKAGE, ARCHIVE);
  const archive = new Uint8Array(await promisify(brotliDecompress)(packed));
  const found = new Map<string, Uint8Array>();
  for await (const { name, data } of untar(chunksOfBytes(archive), ARCHIVE)) found.set(name.replace(/^\.\//, ''), data);
  return new Map(
    Object.entries(wanted).map(([name, sha256]) => {
      const data = found.get(name);
      if (!data) throw new Error(`${ARCHIVE} lacks ${name}`);
      if (!hasHash(data, sha256)) throw new Error(`${name} is not the file that was expected (SHA-256 differs)`);
      return [name, data];
    }),
  );
}

/**
 * Folder of the embedded loader and driver, taken from npm where the cache lacks them.
 * @param announce told one line before npm is asked
 * @throws Error with the reason, in a few words
 */
export async function embeddedAdapter(announce: (line: string) => void): Promise<string> {
  const cache = cacheFolder();
  const folder = join(cache, `swiftshader-${VERSION}`);
  if (await isComplete(folder)) return folder;
  announce(
    `No Vulkan driver is installed: taking SwiftShader, a software adapter (slow), from npm (${EMBEDDED_PACKAGE}).`,
  );
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'swiftshader-'));
  try {
    const args = ['pack', `${PACKAGE}@${VERSION}`, '--pack-destination', work, '--ignore-scripts', '--fetch-retries=1'];
    await npm([...args, '--loglevel=error'], dirname(cache));
    const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'));
    if (!tarball) throw new Error('npm left no archive');
    const files = await extract(join(work, tarball));
    await rm(join(work, tarball));
    for (const [name, data] of files) await writeFile(join(work, name), data);
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
  } catch (error) {
    // Another process may have put the same folder there meanwhile.
    if (!(await isComplete(folder))) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}
