/** Drivers found by their files, and shared libraries by the dynamic linker. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lavapipeIn, swiftShaderIn } from './machine.ts';
import { canLoad, keepLoaded } from './sharedLibrary.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relu-studio-vulkan-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder below the test's own with these files. */
function folderWith(name: string, files: Record<string, string>): string {
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text);
  return place;
}

const driver = (version: string) => JSON.stringify({ ICD: { api_version: version, library_path: 'lib.so' } });

describe('lavapipeIn', () => {
  it.each([
    ['1.3.267', false],
    ['1.3.274', true],
    ['1.3.273', false],
    ['1.4.305', true],
    ['1.4', true],
    ['2', true],
    ['1.2.300', false],
    ['', false],
  ])('with API version %s in its driver file: %s', (version, found) => {
    const place = folderWith(`version-${version}`, { 'lvp_icd.x86_64.json': driver(version) });
    expect(lavapipeIn([place])).toBe(found ? join(place, 'lvp_icd.x86_64.json') : null);
  });

  it('passes over missing folders, damaged files and other drivers', () => {
    const damaged = folderWith('damaged', { 'lvp_icd.json': '{', 'radeon_icd.json': driver('1.4.0') });
    const empty = folderWith('no-icd', { 'lvp_icd.json': '{}' });
    const good = folderWith('good', { 'lvp_icd.json': driver('1.4.0') });
    expect(lavapipeIn([join(folder, 'missing'), damaged, empty])).toBeNull();
    expect(lavapipeIn([join(folder, 'missing'), damaged, empty, good])).toBe(join(good, 'lvp_icd.json'));
  });
});

describe('swiftShaderIn', () => {
  it('needs driver file and library in one folder; the loader may be missing', () => {
    const half = folderWith('half', { 'vk_swiftshader_icd.json': '{}', 'libvulkan.so.1': '' });
    const bare = folderWith('bare', { 'vk_swiftshader_icd.json': '{}', 'libvk_swiftshader.so': '' });
    const whole = folderWith('whole', {
      'vk_swiftshader_icd.json': '{}',
      'libvk_swiftshader.so': '',
      'libvulkan.so.1': '',
    });
    expect(swiftShaderIn([join(folder, 'missing'), half])).toBeNull();
    expect(swiftShaderIn([half, bare, whole])).toEqual({ driver: join(bare, 'vk_swiftshader_icd.json'), loader: null });
    expect(swiftShaderIn([half, whole])?.loader).toBe(join(whole, 'libvulkan.so.1'));
  });
});

/** Whether this Node was built for glibc: musl's linker words its errors in another way. */
const hasGlibc = 'glibcVersionRuntime' in (process.report.getReport() as { header: object }).header;

describe.runIf(process.platform === 'linux' && hasGlibc)('shared libraries', () => {
  it('are found by name where the linker finds them', () => {
    expect(canLoad('libc.so.6')).toBe(true);
    expect(canLoad('libno-such-library.so.1')).toBe(false);
    expect(keepLoaded(join(folder, 'libvulkan.so.1'))).toBe(false);
  });

  it('are refused where the file is no library', () => {
    const place = folderWith('text', { 'libvulkan.so.1': 'not a library' });
    expect(keepLoaded(join(place, 'libvulkan.so.1'))).toBe(false);
  });
});
