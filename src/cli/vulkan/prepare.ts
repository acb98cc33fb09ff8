/** Gives Dawn a Vulkan loader and driver on machines that lack them. To be called before Dawn looks for an adapter. */
import { join } from 'node:path';
import { GpuError } from '../../engine/errors.ts';
import { chooseVulkan, softwareDriver, type VulkanFacts } from './choose.ts';
import { EMBEDDED_PACKAGE, embeddedAdapter } from './embedded.ts';
import { hasGpuDevice, LOADER, SWIFTSHADER_DRIVER, vulkanFacts } from './machine.ts';
import { keepLoaded } from './sharedLibrary.ts';

/** What installs a Vulkan loader and lavapipe on the common systems. */
const INSTALL =
  'Debian or Ubuntu: apt-get install libvulkan1 mesa-vulkan-drivers (Mesa 24 or newer); Fedora: dnf install vulkan-loader ' +
  'mesa-vulkan-drivers; Alpine: apk add vulkan-loader mesa-vulkan-swrast; Arch: pacman -S vulkan-icd-loader vulkan-swrast';

/** One sentence for a machine on which Dawn finds no adapter. */
export const noAdapterText = (reason: string): string =>
  process.platform === 'linux'
    ? `No GPU can be used: ${reason}. Install a Vulkan driver for your GPU, or a software one (${INSTALL}).`
    : `No GPU can be used: ${reason}. Update the graphics driver.`;

async function embedded(): Promise<string> {
  if (process.arch !== 'x64')
    throw new GpuError(
      noAdapterText(
        `no Vulkan loader or driver is installed, and the embedded one is for x86-64 only, not ${process.arch}`,
      ),
    );
  const announce = (line: string) => {
    const gpu = hasGpuDevice() ? ' For the GPU of this machine, install its Vulkan driver.' : '';
    process.stderr.write(`${line}${gpu}\n`);
  };
  try {
    return await embeddedAdapter(announce);
  } catch (cause) {
    const reason = (cause as Error).message.replace(/[\s.]+$/, '');
    throw new GpuError(
      noAdapterText(
        `no Vulkan loader or driver is installed, and npm's ${EMBEDDED_PACKAGE} could not be taken (${reason})`,
      ),
      { cause },
    );
  }
}

async function setDriver(driver: ReturnType<typeof softwareDriver>): Promise<void> {
  if (driver === 'system') return;
  // The loader reads the variable each time a Vulkan instance is made; child processes inherit it.
  process.env.VK_DRIVER_FILES = driver === 'embedded' ? join(await embedded(), SWIFTSHADER_DRIVER) : driver.path;
}

/**
 * Loads a Vulkan loader where the system has none, and sets VK_DRIVER_FILES where only a software driver can be used.
 * @throws GpuError with one sentence, where neither is installed and the embedded ones cannot be had
 */
export async function prepareVulkan(): Promise<VulkanFacts> {
  const facts = vulkanFacts();
  const { loader, driver } = chooseVulkan(facts);
  if (loader !== 'system') {
    const file = loader === 'embedded' ? join(await embedded(), LOADER) : loader.path;
    if (!keepLoaded(file)) throw new GpuError(noAdapterText(`the Vulkan loader ${file} does not load`));
  }
  await setDriver(driver);
  return facts;
}

/** After the system's own drivers gave no adapter: the best software driver, unless it is in use already or the user chose. */
export async function fallBackToSoftware(facts: VulkanFacts): Promise<boolean> {
  if (facts.platform !== 'linux' || chooseVulkan(facts).driver !== 'system' || facts.userDriver) return false;
  await setDriver(softwareDriver(facts));
  return true;
}
