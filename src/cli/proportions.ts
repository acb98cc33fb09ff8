/** `--proportions RUN`: the DReLUs that another run kept per layer, written into the experiment's random masks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { experimentFrom } from '../domain/address.ts';
import type { Experiment } from '../domain/experiment.ts';
import { parseMasks } from '../domain/masksFile.ts';
import { methodNamed } from '../domain/methods/registry.ts';
import { MASKS_FILE } from '../training/exportMasks.ts';
import { UsageError } from './errors.ts';

/** The text of a masks.json, given as the file or as the folder of its run. */
async function masksOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
    return readFile(join(path, MASKS_FILE), 'utf8');
  }
}

/**
 * The experiment with the counts of the masks file as `proportions`; as it is where `path` is undefined.
 * @throws UsageError where the experiment has no random masks, or the file cannot be read or is of another network.
 */
export async function withProportions(experiment: Experiment, path: string | undefined): Promise<Experiment> {
  if (path === undefined) return experiment;
  const random = methodNamed(experiment, 'random');
  if (!random) throw new UsageError('--proportions is for experiments with the method "random"; this one has none.');
  try {
    const { counts } = parseMasks(await masksOf(path));
    const proportions = Object.fromEntries(counts.sites.map(({ id, drelus }) => [id, drelus]));
    const methods = experiment.methods.map((method) => (method === random ? { ...random, proportions } : method));
    return experimentFrom({ ...experiment, methods }, 'the experiment');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(`--proportions ${path}: ${missing ? 'there is no such file.' : (cause as Error).message}`, {
      cause,
    });
  }
}
