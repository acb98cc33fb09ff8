/**
 * Experiments in and out of the page: as experiment.json, and in the address after `#experiment=`, deflated and in base64url, so
 * that a link carries the whole run to be. Everything that comes in goes through the schema.
 */
import { experimentSchema } from '../domain/experiment.ts';
import type { Experiment } from '../domain/experiment.ts';
import { readableIssue } from '../domain/readable.ts';

/** A file or address that holds no experiment; the message names the field. */
export class ExperimentFileError extends Error {
  override readonly name = 'ExperimentFileError';
}

/** Longest address taken apart; a real one has about 1,000 characters. */
const LONGEST = 64_000;
const HASH = '#experiment=';

/** @throws ExperimentFileError naming the field that is wrong. */
export function checkExperiment(value: unknown, source: string): Experiment {
  const parsed = experimentSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ExperimentFileError(`${source}: ${readableIssue(parsed.error, 'the experiment')}`);
}

export function parseExperiment(text: string, source: string): Experiment {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ExperimentFileError(`${source} is not JSON: it seems cut off or is another kind of file.`);
  }
  return checkExperiment(value, source);
}

export const experimentText = (experiment: Experiment): string => `${JSON.stringify(experiment, null, 2)}\n`;

const through = async (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) =>
  new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

/** `#experiment=…` for an address. */
export async function experimentHash(experiment: Experiment): Promise<string> {
  const packed = await through(new TextEncoder().encode(JSON.stringify(experiment)), new CompressionStream('deflate-raw'));
  const text = Array.from(packed, (byte) => String.fromCharCode(byte)).join('');
  return HASH + btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The experiment that an address carries; null where it carries none. */
export async function experimentFromHash(hash: string): Promise<Experiment | null> {
  if (!hash.startsWith(HASH)) return null;
  const packed = hash.slice(HASH.length);
  let json: string;
  try {
    if (packed.length > LONGEST) throw new RangeError('too long');
    const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    json = new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw')));
  } catch {
    throw new ExperimentFileError('The experiment in the address is damaged: copy the whole link again.');
  }
  return parseExperiment(json, 'The address');
}

/** "SNL quick" → snl-quick. */
export const fileStem = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'experiment';
