/**
 * Experiments in and out of the page: as experiment.json, and in the address after `#experiment=` (domain/address: the nearest
 * preset and what differs), so that a link carries the whole run to be. Everything that comes in goes through the schema.
 */
import { decodeExperiment, encodeExperiment, ExperimentError, experimentFrom } from '../domain/address.ts';
import type { Experiment } from '../domain/experiment.ts';
import { parseJson } from '../domain/readable.ts';

/** Longest address that is decoded; typical ones have about 100 characters. */
const MAX_LENGTH = 64_000;
const HASH = '#experiment=';

/** @throws ExperimentError naming the field that is wrong. */
export const checkExperiment = experimentFrom;

/** @throws ExperimentError naming the file that is not JSON. */
export function readJson(text: string, source: string): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new ExperimentError(`${source} is not JSON: the file is incomplete or of another type.`);
  }
}

export const parseExperiment = (text: string, source: string): Experiment =>
  checkExperiment(readJson(text, source), source);

export const experimentText = (experiment: Experiment): string => `${JSON.stringify(experiment, null, 2)}\n`;

/** `#experiment=…` for an address. */
export const experimentHash = (experiment: Experiment): string => HASH + encodeExperiment(experiment);

/**
 * The experiment that an address contains; null where it contains none.
 * @param onNote called for settings that this version reads but no longer has
 * @throws ExperimentError
 */
export function experimentFromHash(hash: string, onNote?: (sentence: string) => void): Experiment | null {
  if (!hash.startsWith(HASH)) return null;
  return decodeExperiment(hash.slice(HASH.length, MAX_LENGTH), onNote);
}

/** "SNL quick" → snl-quick. */
export const fileStem = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'experiment';
