/**
 * Finds or installs a Chromium for the end-to-end tests. In this order: RELU_STUDIO_CHROMIUM or CHROME_PATH, an installed
 * Chrome or Chromium, Playwright's earlier download, a new download by Playwright, the system's package manager (as root).
 * It must be the full browser: the headless shell has no WebGPU.
 *
 *   node scripts/chromium.mjs            prints the path, installs nothing
 *   node scripts/chromium.mjs --install  installs one if none is found
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './install.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'google-chrome-beta', 'chrome'];

const windowsFolders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(
  Boolean,
);
const USUAL_PATHS = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    `${process.env.HOME}/Applications/Google Chrome.app/Contents/MacOS/Google Chrome`,
  ],
  win32: windowsFolders.flatMap((folder) => [
    join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
    join(folder, 'Chromium', 'Application', 'chrome.exe'),
  ]),
  linux: [
    '/opt/google/chrome/chrome',
    '/usr/lib/chromium/chromium',
    '/usr/lib64/chromium-browser/chromium-browser',
    '/snap/bin/chromium',
  ],
};

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Whether it starts: a downloaded browser may lack system libraries. Not checked on Windows, where --version opens a window. */
const starts = (path) =>
  process.platform === 'win32' || spawnSync(path, ['--version'], { timeout: 30_000, stdio: 'ignore' }).status === 0;

/** Path of Playwright's own Chromium, downloaded or not; null before the packages are installed. */
function playwrightPath() {
  try {
    return createRequire(join(root, 'package.json'))('playwright-core').chromium.executablePath();
  } catch {
    return null;
  }
}

function fromEnvironment() {
  for (const variable of ['RELU_STUDIO_CHROMIUM', 'CHROME_PATH']) {
    const path = process.env[variable];
    if (!path) continue;
    if (isExecutable(path)) return path;
    throw new Error(`${variable} is "${path}", which is not an executable file: correct it or unset it.`);
  }
  return null;
}

/**
 * Path of a Chromium that starts, or null.
 * @throws Error with one sentence if an environment variable names a browser that does not exist.
 */
export function findChromium() {
  const chosen = fromEnvironment();
  if (chosen) return chosen;
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const candidates = [...onPath, ...(USUAL_PATHS[process.platform] ?? []), playwrightPath()];
  return candidates.find((path) => path && isExecutable(path) && starts(path)) ?? null;
}

const run = (command, args) => {
  console.error(`> ${command} ${args.join(' ')}`);
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], timeout: 600_000 }).status === 0;
};

function playwrightDownload() {
  const cli = join(root, 'node_modules', 'playwright-core', 'cli.js');
  if (!existsSync(cli) || !run(process.execPath, [cli, 'install', '--no-shell', 'chromium'])) return;
  if (process.platform === 'linux' && process.getuid?.() === 0 && !starts(playwrightPath() ?? ''))
    run(process.execPath, [cli, 'install-deps', 'chromium']);
}

const PACKAGE_MANAGERS = [
  [
    'apt-get',
    () => run('apt-get', ['update']) && run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium']),
  ],
  ['dnf', () => run('dnf', ['install', '-y', 'chromium'])],
  ['apk', () => run('apk', ['add', 'chromium'])],
  ['pacman', () => run('pacman', ['-Sy', '--noconfirm', 'chromium'])],
  ['zypper', () => run('zypper', ['--non-interactive', 'install', 'chromium'])],
];

function systemPackage() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return;
  const folders = (process.env.PATH ?? '').split(delimiter);
  const manager = PACKAGE_MANAGERS.find(([name]) => folders.some((folder) => isExecutable(join(folder, name))));
  manager?.[1]();
}

/**
 * Like findChromium, but installs a browser if there is none.
 * @throws Error with one sentence that says what to do if that fails.
 */
export function ensureChromium() {
  for (const install of [null, playwrightDownload, systemPackage]) {
    install?.();
    const path = findChromium();
    if (path) return path;
  }
  throw new Error(
    'No Chrome or Chromium was found, and none could be installed: install one (Debian, Fedora, Alpine, Arch: package chromium; ' +
      'Ubuntu: google-chrome-stable from Google) or set RELU_STUDIO_CHROMIUM to its path.',
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const path = process.argv.includes('--install') ? ensureChromium() : findChromium();
    console.log(path ?? 'No Chrome or Chromium was found: run "node scripts/chromium.mjs --install".');
    process.exitCode = path ? 0 : 1;
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
