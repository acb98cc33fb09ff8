/**
 * An experiment in an address: the preset that is nearest to it, what differs, and a check sum.
 *
 *   snl-quick(seed:7,methods:(snl:(budget:(share:0.5))))~1c0d9f42
 *
 * Only values that differ are written, so that an address can be read and stays short. The check sum is over the whole experiment:
 * an address that would mean something else here, because a preset has changed since, is refused instead of silently running
 * another experiment. Methods are written by name and are read in the order in which they apply. Addresses made while the
 * engine was a setting stay readable: their check sum is over an experiment with that setting.
 */
import { ABSENT, fromCompact, isPlain, toCompact } from './compactNotation.ts';
import type { Compact } from './compactNotation.ts';
import { experimentSchema, notesOn } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { formerPresetOf } from './formerPresets.ts';
import { fnv1a } from './hash.ts';
import { inOrder } from './methods/registry.ts';
import { presetOf, PRESETS } from './presets.ts';
import { readableIssue } from './readable.ts';

/** An address or file that holds no experiment: one sentence, with the field. */
export class ExperimentError extends Error {
  override readonly name = 'ExperimentError';
}

type Plain = Record<string, Compact>;

/** Methods by name, everything JSON. */
function flattened(experiment: Experiment): Plain {
  const methods = Object.fromEntries(inOrder(experiment.methods).map(({ name, ...rest }) => [name, rest]));
  return JSON.parse(JSON.stringify({ ...experiment, methods })) as Plain;
}

function restored(plain: Plain): unknown {
  if (!isPlain(plain.methods)) return plain;
  const methods = Object.entries(plain.methods).map(([name, rest]) => (isPlain(rest) ? { name, ...rest } : rest));
  return { ...plain, methods };
}

const same = (a: Compact, b: Compact) => JSON.stringify(a) === JSON.stringify(b);

/** What turns `from` into `to`; null where nothing does. */
function difference(from: Plain, to: Plain): Plain | null {
  const changes: Plain = {};
  for (const key of Object.keys(from)) if (!(key in to)) changes[key] = ABSENT;
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (key in from && same(before, value)) continue;
    if (isPlain(before) && isPlain(value)) {
      const inner = difference(before, value);
      if (inner) changes[key] = inner;
    } else changes[key] = value;
  }
  return Object.keys(changes).length > 0 ? changes : null;
}

function applied(base: Plain, changes: Plain): Plain {
  const result: Plain = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const before = base[key];
    if (value === ABSENT) delete result[key];
    else result[key] = isPlain(before) && isPlain(value) ? applied(before, value) : value;
  }
  return result;
}

/** Keys sorted at every depth. */
function canonical(value: Compact): Compact {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}

/** Eight hexadecimal digits. */
const checkSum = (plain: Plain): string =>
  fnv1a(JSON.stringify(canonical(plain)))
    .toString(16)
    .padStart(8, '0');

/** The shortest text over all presets; URL-safe. */
export function encodeExperiment(experiment: Experiment): string {
  const plain = flattened(experiment);
  const candidates = PRESETS.map((preset) => {
    const changes = difference(flattened(preset.make()), plain);
    return `${preset.id}${changes ? toCompact(changes) : ''}`;
  });
  const shortest = candidates.reduce((least, text) => (text.length < least.length ? text : least));
  return `${shortest}~${checkSum(plain)}`;
}

/** The check sum of the same experiment while it still said which engine runs it. */
const formerCheckSum = (plain: Plain, kind: Compact): string =>
  checkSum({ ...plain, engine: { ...(isPlain(plain.engine) ? plain.engine : {}), kind } });

/** An experiment and whether the check sum is its own, as it is now or as it was while the engine was a setting. */
function read(
  base: Experiment,
  changes: Compact,
  sum: string,
): { experiment: Experiment; plain: Plain; fits: boolean } {
  const plain = isPlain(changes) ? applied(flattened(base), changes) : {};
  const experiment = experimentFrom(restored(plain), 'The address');
  const now = flattened(experiment);
  const kind = isPlain(plain.engine) ? (plain.engine.kind ?? 'studio') : 'studio';
  return { experiment, plain, fits: checkSum(now) === sum || formerCheckSum(now, kind) === sum };
}

/** @param onNote told of settings that this version reads but no longer has. @throws ExperimentError */
export function decodeExperiment(text: string, onNote?: (sentence: string) => void): Experiment {
  const parts = /^([a-z0-9-]+)(\(.*\))?~([0-9a-f]{8})$/s.exec(text);
  if (!parts) throw new ExperimentError('The address is cut off or damaged: copy the whole link again.');
  const [, id, written, sum] = parts;
  if (!PRESETS.some((preset) => preset.id === id))
    throw new ExperimentError(
      `The address builds on the preset "${id}", which this version of the studio does not have.`,
    );
  let changes: Compact = {};
  try {
    if (written !== undefined) changes = fromCompact(written);
  } catch (error) {
    throw new ExperimentError(`The address is damaged: ${(error as Error).message}.`);
  }
  let found = read(presetOf(id), changes, sum);
  const former = found.fits ? null : formerPresetOf(id);
  if (former) found = read(former, changes, sum);
  if (!found.fits)
    throw new ExperimentError(
      'The address was changed, or made by another version of the studio whose presets differ: open the experiment from a file.',
    );
  for (const sentence of notesOn(found.plain)) onNote?.(`The address: ${sentence}`);
  return found.experiment;
}

/**
 * Checks anything that claims to be an experiment.
 * @param onNote told of settings that this version reads but no longer has
 * @throws ExperimentError: "source: the field …"
 */
export function experimentFrom(json: unknown, source: string, onNote?: (sentence: string) => void): Experiment {
  const parsed = experimentSchema.safeParse(json);
  if (!parsed.success) throw new ExperimentError(`${source}: ${readableIssue(parsed.error, 'the experiment')}`);
  for (const sentence of notesOn(json)) onNote?.(`${source}: ${sentence}`);
  return parsed.data;
}
