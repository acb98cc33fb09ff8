/** The choice of Vulkan loader and driver, over the machines that occur. */
import { describe, expect, it } from 'vitest';
import { chooseVulkan, softwareDriver, type VulkanChoice, type VulkanFacts } from './choose.ts';

const bare: VulkanFacts = {
  platform: 'linux',
  userDriver: false,
  loader: false,
  gpuDriver: false,
  lavapipe: null,
  chromium: null,
};
const lavapipe = '/usr/share/vulkan/icd.d/lvp_icd.json';
const chromium = { driver: '/opt/chrome/vk_swiftshader_icd.json', loader: '/opt/chrome/libvulkan.so.1' };

const CASES: [string, Partial<VulkanFacts>, VulkanChoice][] = [
  ['nothing at all', {}, { loader: 'embedded', driver: 'embedded' }],
  ['a loader and no driver', { loader: true }, { loader: 'system', driver: 'embedded' }],
  ['lavapipe and no loader', { lavapipe }, { loader: 'embedded', driver: { path: lavapipe } }],
  ['lavapipe', { loader: true, lavapipe, chromium }, { loader: 'system', driver: { path: lavapipe } }],
  ['a Chromium', { chromium }, { loader: { path: chromium.loader }, driver: { path: chromium.driver } }],
  [
    'a Chromium without a loader',
    { chromium: { ...chromium, loader: null } },
    { loader: 'embedded', driver: { path: chromium.driver } },
  ],
  ['a GPU', { loader: true, gpuDriver: true, lavapipe, chromium }, { loader: 'system', driver: 'system' }],
  ['a GPU without a loader', { gpuDriver: true, lavapipe }, { loader: 'embedded', driver: 'system' }],
  ['VK_DRIVER_FILES', { userDriver: true, loader: true, lavapipe }, { loader: 'system', driver: 'system' }],
  ['VK_DRIVER_FILES and no loader', { userDriver: true }, { loader: 'embedded', driver: 'system' }],
  ['macOS', { platform: 'darwin' }, { loader: 'system', driver: 'system' }],
  ['Windows', { platform: 'win32' }, { loader: 'system', driver: 'system' }],
];

describe('chooseVulkan', () => {
  it.each(CASES)('on a machine with %s', (_, facts, choice) => {
    expect(chooseVulkan({ ...bare, ...facts })).toEqual(choice);
  });
});

describe('softwareDriver', () => {
  it('prefers lavapipe to a Chromium’s SwiftShader, and that to the embedded one', () => {
    expect(softwareDriver({ ...bare, lavapipe, chromium })).toEqual({ path: lavapipe });
    expect(softwareDriver({ ...bare, chromium })).toEqual({ path: chromium.driver });
    expect(softwareDriver(bare)).toBe('embedded');
  });
});
