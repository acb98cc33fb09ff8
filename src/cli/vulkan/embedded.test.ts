/** Extraction of the embedded adapter's files from the package's archive, and its check of their hashes. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinBytes, tar } from '../../data/testing.ts';
import { extract } from './embedded.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'relu-studio-embedded-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (text: string): Uint8Array => joinBytes(text);
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A package archive as npm writes it; null: without the inner archive. */
function packed(name: string, inner: Record<string, string> | null): string {
  const members = Object.entries(inner ?? {}).map(([file, text]) => ({ name: file, data: bytesOf(text) }));
  const bundle = { name: 'package/bin/swiftshader.tar.br', data: new Uint8Array(brotliCompressSync(tar(members))) };
  const rest = { name: 'package/package.json', data: bytesOf('{}') };
  const file = join(folder, name);
  writeFileSync(file, gzipSync(tar(inner ? [rest, bundle] : [rest])));
  return file;
}

describe('extract', () => {
  const wanted = { 'driver.json': sha256('driver'), 'library.so': sha256('library') };

  it('takes the wanted files and no others', async () => {
    const file = packed('whole.tgz', { 'other.so': 'other', './library.so': 'library', 'driver.json': 'driver' });
    const files = await extract(file, wanted);
    expect([...files].map(([name, data]) => [name, new TextDecoder().decode(data)])).toEqual([
      ['driver.json', 'driver'],
      ['library.so', 'library'],
    ]);
  });

  it('refuses a file whose SHA-256 differs from the pinned one', async () => {
    const file = packed('changed.tgz', { 'driver.json': 'driver', 'library.so': 'librarY' });
    await expect(extract(file, wanted)).rejects.toThrow(/library\.so .*SHA-256 differs/);
  });

  it('names what an archive lacks', async () => {
    await expect(extract(packed('lacks.tgz', { 'driver.json': 'driver' }), wanted)).rejects.toThrow(
      /lacks library\.so/,
    );
    await expect(extract(packed('empty.tgz', null), wanted)).rejects.toThrow(
      /lacks package\/bin\/swiftshader\.tar\.br/,
    );
  });
});
