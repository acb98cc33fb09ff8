/** A fixture from its folder on disk. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors } from '../engine/weights.ts';
import { parseFixture, type Fixture } from './fixtureFile.ts';

/** @throws FixtureError, WeightsError, ZodError, SyntaxError or a file system error */
export async function loadFixture(folder: string): Promise<Fixture> {
  const [json, tensors] = await Promise.all([
    readFile(join(folder, 'fixture.json'), 'utf8'),
    readFile(join(folder, 'tensors.safetensors')),
  ]);
  return parseFixture(JSON.parse(json), readSafetensors(tensors).tensors);
}
