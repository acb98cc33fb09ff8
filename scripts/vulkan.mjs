/**
 * Which Vulkan driver Dawn should use in Node. Where there is a real GPU, or the user chose with VK_DRIVER_FILES, nothing is
 * changed. Else the first of: lavapipe (Mesa 24 or newer; Dawn refuses older ones), the SwiftShader that lies beside Chromium.
 *
 * Chromium must not see VK_DRIVER_FILES: it chooses its own adapter, and the variable would hide that one.
 */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findChromium } from './chromium.mjs';

const DRIVER_FOLDERS = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
/** What the driver file of Mesa 24.0 says; 23.3 says 1.3.267. */
const OLDEST_LAVAPIPE = [1, 3, 274];

const atLeast = (version, oldest) => {
  for (let i = 0; i < oldest.length; i++) {
    if (version[i] !== oldest[i]) return (version[i] ?? 0) > oldest[i];
  }
  return true;
};

function lavapipe() {
  for (const folder of DRIVER_FOLDERS) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder).filter((file) => /^lvp_icd.*\.json$/.test(file))) {
      const path = join(folder, name);
      const version = String(JSON.parse(readFileSync(path, 'utf8')).ICD?.api_version ?? '');
      if (atLeast(version.split('.').map(Number), OLDEST_LAVAPIPE)) return path;
    }
  }
  return null;
}

function swiftshader() {
  let chromium = null;
  try {
    chromium = findChromium();
  } catch {
    // A wrong RELU_STUDIO_CHROMIUM is reported where the browser itself is wanted.
  }
  const folders = [
    ...(chromium ? [dirname(chromium), dirname(realpathSync(chromium))] : []),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
    '/snap/chromium/current/usr/lib/chromium-browser',
  ];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find((path) => existsSync(path)) ?? null;
}

/** Drivers that a virtual machine may carry without a GPU behind them. */
const NO_GPU = /^(lvp|vk_swiftshader|gfxstream|virtio)/;

/** A GPU that the kernel drives, and a Vulkan driver for it. */
function hasGpu() {
  const node = existsSync('/dev/nvidia0') || existsSync('/dev/dxg') || hasRenderNode();
  return (
    node &&
    DRIVER_FOLDERS.some((folder) => existsSync(folder) && readdirSync(folder).some((file) => !NO_GPU.test(file)))
  );
}

const hasRenderNode = () =>
  existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));

/** Path for VK_DRIVER_FILES, or null where the variable should stay as it is. */
export function vulkanDriver() {
  if (process.platform !== 'linux' || process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES || hasGpu())
    return null;
  return lavapipe() ?? swiftshader();
}

/** Sets VK_DRIVER_FILES for this process and its children, where that is needed. Before Dawn is loaded. */
export function provideVulkan() {
  const driver = vulkanDriver();
  if (driver) process.env.VK_DRIVER_FILES = driver;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  console.log(vulkanDriver() ?? process.env.VK_DRIVER_FILES ?? 'The system’s own choice.');
