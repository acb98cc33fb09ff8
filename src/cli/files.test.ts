/** Folder creation, atomic writes and the sentences for file system errors. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { oneLine } from './errors.ts';
import { fileSentence, makeFolder, writeWhole } from './files.ts';

const home = mkdtempSync(join(tmpdir(), 'relu-studio-files-'));
const failureOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => null).catch((error: unknown) => error);

describe('makeFolder', () => {
  it('creates parent folders and accepts existing ones', async () => {
    await makeFolder(join(home, 'a', 'b', 'c'));
    await makeFolder(join(home, 'a', 'b'));
    expect(existsSync(join(home, 'a', 'b', 'c'))).toBe(true);
  });

  it('reports a file in place of a folder', async () => {
    writeFileSync(join(home, 'file'), '');
    expect(oneLine(await failureOf(makeFolder(join(home, 'file'))))).toContain('there is a file of this name');
    expect(oneLine(await failureOf(makeFolder(join(home, 'file', 'x', 'y'))))).toContain(
      'a part of this path is a file',
    );
  });

  it.skipIf(!existsSync('/proc/self'))('returns an error where nothing can be created', async () => {
    expect(await failureOf(makeFolder('/proc/relu-studio/run'))).toMatchObject({ code: 'ENOENT' });
  });
});

describe('writeWhole', () => {
  it('replaces a file atomically', async () => {
    const path = join(home, 'whole.txt');
    await writeWhole(path, 'one');
    await writeWhole(path, Uint8Array.of(50));
    expect(readFileSync(path, 'utf8')).toBe('2');
  });

  it('leaves no temporary file when writing fails, and names the path', async () => {
    const taken = join(home, 'taken');
    mkdirSync(taken);
    const error = await failureOf(writeWhole(taken, 'x'));
    expect(oneLine(error)).toBe(`${taken}: this is a folder, not a file. Choose another path.`);
    expect(readdirSync(home).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

it('reports a full disk with advice, with or without a path in the error', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(fileSentence(full)).toBe('no space is left on the disk. Free some and give the same command again.');
  expect(oneLine(Object.assign(full, { path: '/r/run.json.part' }))).toMatch(/^\/r\/run\.json: no space is left/);
  expect(fileSentence(new Error('no error of a disk'))).toBe(null);
});
