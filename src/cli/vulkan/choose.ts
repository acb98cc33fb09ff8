/**
 * Which Vulkan loader and driver Dawn uses in Node. Linux only: Dawn uses Metal and Direct3D elsewhere.
 *
 * Order of drivers: what VK_DRIVER_FILES names; a GPU's own driver; lavapipe (Mesa 24 or newer, Dawn refuses older ones);
 * the SwiftShader in a Chromium's folder; the embedded SwiftShader (embedded.ts). The loader is the system's where there is one.
 */

/** What this machine has. machine.ts reads it. */
export interface VulkanFacts {
  platform: string;
  /** VK_DRIVER_FILES or VK_ICD_FILENAMES is set: the user has chosen. */
  userDriver: boolean;
  /** The dynamic linker finds libvulkan.so.1. */
  loader: boolean;
  /** The kernel drives a GPU, and a Vulkan driver for GPUs is installed. */
  gpuDriver: boolean;
  /** Path of lavapipe's driver file, where it is new enough. */
  lavapipe: string | null;
  /** SwiftShader's driver file in a Chromium's folder, and the loader in the same folder. */
  chromium: { driver: string; loader: string | null } | null;
}

export interface VulkanChoice {
  /** `system`: load nothing. `embedded`: the loader of embedded.ts. Else a path. */
  loader: 'system' | 'embedded' | { path: string };
  /** `system`: leave VK_DRIVER_FILES as it is. `embedded`: the SwiftShader of embedded.ts. Else the path of a driver file. */
  driver: 'system' | 'embedded' | { path: string };
}

const path = (file: string | null | undefined): { path: string } | 'embedded' => (file ? { path: file } : 'embedded');

/** The best software driver. */
export const softwareDriver = ({ lavapipe, chromium }: VulkanFacts): VulkanChoice['driver'] =>
  path(lavapipe ?? chromium?.driver);

/** A software driver never replaces a GPU's own driver or the user's choice, and SwiftShader never replaces lavapipe. */
export function chooseVulkan(facts: VulkanFacts): VulkanChoice {
  if (facts.platform !== 'linux') return { loader: 'system', driver: 'system' };
  return {
    loader: facts.loader ? 'system' : path(facts.chromium?.loader),
    driver: facts.userDriver || facts.gpuDriver ? 'system' : softwareDriver(facts),
  };
}
