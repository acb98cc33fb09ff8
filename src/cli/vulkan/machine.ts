/** What this machine has for Vulkan: loader, drivers, GPUs, and the SwiftShader in a Chromium's folder. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { VulkanFacts } from './choose.ts';
import { canLoad } from './sharedLibrary.ts';

export const LOADER = 'libvulkan.so.1';
export const SWIFTSHADER_DRIVER = 'vk_swiftshader_icd.json';

/** Where the Vulkan loader looks for driver files (Khronos, LoaderDriverInterface.md), and NixOS's own folder. */
const driverFolders = (): string[] => {
  const { XDG_CONFIG_HOME, XDG_CONFIG_DIRS, XDG_DATA_HOME, XDG_DATA_DIRS } = process.env;
  return [
    XDG_CONFIG_HOME || join(homedir(), '.config'),
    ...(XDG_CONFIG_DIRS || '/etc/xdg').split(delimiter),
    '/etc',
    '/usr/local/etc',
    XDG_DATA_HOME || join(homedir(), '.local', 'share'),
    ...(XDG_DATA_DIRS || '/usr/local/share:/usr/share').split(delimiter),
    '/usr/local/share',
    '/usr/share',
    '/run/opengl-driver/share',
  ].map((folder) => join(folder, 'vulkan', 'icd.d'));
};

/** The API version in lavapipe's driver file of Mesa 24.0; that of 23.3 is 1.3.267. */
const OLDEST_LAVAPIPE = [1, 3, 274];

/** Drivers that a virtual machine may have without a GPU behind them. */
const NO_GPU = /^(lvp|vk_swiftshader|gfxstream|virtio)/;

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function atLeast(version: readonly number[], oldest: readonly number[]): boolean {
  const i = oldest.findIndex((part, at) => (version[at] ?? 0) !== part);
  return i < 0 || (version[i] ?? 0) > oldest[i];
}

/** The API version that a driver file states, such as [1, 4, 305]; empty where it cannot be read. */
function apiVersion(file: string): number[] {
  try {
    const { ICD } = JSON.parse(readFileSync(file, 'utf8')) as { ICD?: { api_version?: string } };
    return (ICD?.api_version ?? '').split('.').map(Number);
  } catch {
    return [];
  }
}

/** @returns the path of a lavapipe driver file that is new enough for Dawn, or null */
export const lavapipeIn = (folders: readonly string[]): string | null =>
  folders
    .flatMap((folder) =>
      names(folder)
        .filter((name) => /^lvp_icd.*\.json$/.test(name))
        .map((name) => join(folder, name)),
    )
    .find((file) => atLeast(apiVersion(file), OLDEST_LAVAPIPE)) ?? null;

/** A device file of a GPU: NVIDIA's, Windows' (WSL), or a render node. */
export const hasGpuDevice = (): boolean =>
  existsSync('/dev/nvidia0') || existsSync('/dev/dxg') || names('/dev/dri').some((name) => name.startsWith('renderD'));

const hasGpuDriver = (folders: readonly string[]): boolean =>
  folders.some((folder) => names(folder).some((name) => name.endsWith('.json') && !NO_GPU.test(name)));

/** Folders of Chromium builds: the named one, the usual ones, Playwright's. */
function chromiumFolders(): string[] {
  const named = [process.env.RELU_STUDIO_CHROMIUM, process.env.CHROME_PATH].flatMap((program) => {
    if (!program || !existsSync(program)) return [];
    return [dirname(program), dirname(realpathSync(program))];
  });
  const playwright = process.env.PLAYWRIGHT_BROWSERS_PATH || join(homedir(), '.cache', 'ms-playwright');
  const downloads = names(playwright)
    .filter((name) => /^chromium-\d+$/.test(name))
    .flatMap((name) => names(join(playwright, name)).map((folder) => join(playwright, name, folder)));
  return [
    ...named,
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    '/snap/chromium/current/usr/lib/chromium-browser',
    ...downloads,
  ];
}

/** The first of the folders that holds SwiftShader's driver file and library. */
export function swiftShaderIn(folders: readonly string[]): VulkanFacts['chromium'] {
  const folder = folders.find((place) =>
    [SWIFTSHADER_DRIVER, 'libvk_swiftshader.so'].every((name) => existsSync(join(place, name))),
  );
  if (folder === undefined) return null;
  const loader = join(folder, LOADER);
  return { driver: join(folder, SWIFTSHADER_DRIVER), loader: existsSync(loader) ? loader : null };
}

export function vulkanFacts(): VulkanFacts {
  const { VK_DRIVER_FILES, VK_ICD_FILENAMES } = process.env;
  const linux = process.platform === 'linux';
  const folders = linux ? driverFolders() : [];
  return {
    platform: process.platform,
    userDriver: Boolean(VK_DRIVER_FILES || VK_ICD_FILENAMES),
    loader: linux && canLoad(LOADER),
    gpuDriver: linux && hasGpuDevice() && hasGpuDriver(folders),
    lavapipe: lavapipeIn(folders),
    chromium: linux ? swiftShaderIn(chromiumFolders()) : null,
  };
}
