/** Reads a fixture from its folder. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../domain/readable.ts';
import { readSafetensors } from '../engine/weights.ts';
import { fileSentence } from './files.ts';
import { FixtureError, parseFixture, type Fixture } from '../engine/selfCheck/fixtureFile.ts';

/** An error in one of the two files, as one sentence that begins with its path. */
function inFile(path: string, error: unknown): FixtureError {
  const sentence = error instanceof SyntaxError ? `this is not JSON (${error.message}).` : (error as Error).message;
  return new FixtureError(fileSentence(error, path) ?? `${path}: ${sentence}`, { cause: error });
}

async function using<T>(path: string, read: (path: string) => T | Promise<T>): Promise<T> {
  try {
    return await read(path);
  } catch (error) {
    throw inFile(path, error);
  }
}

/** @throws FixtureError naming the file that is missing or invalid */
export async function loadFixture(folder: string): Promise<Fixture> {
  const json = await using(join(folder, 'fixture.json'), async (path) => parseJson(await readFile(path, 'utf8')));
  const { tensors } = await using(join(folder, 'tensors.safetensors'), async (path) =>
    readSafetensors(await readFile(path)),
  );
  return using(join(folder, 'fixture.json'), () => parseFixture(json, tensors));
}
