/**
 * A sweep: many experiments from one, by values for some of its fields (design: formats). The product of all lists in `grid` is taken;
 * each entry of `list` is one more experiment.
 *
 *   { "format": "relu-studio/sweep", "version": 1,
 *     "grid": { "methods.0.budget.share": [0.05, 0.1], "seed": [1, 2] },
 *     "list": [ { "network.widths": [8, 40, 200, 600] } ] }
 *
 * The order of the experiments depends on the file alone: those of the grid with the first path varying slowest, then the list.
 */
import { z } from 'zod';
import { gateMapOf } from './composition.ts';
import { experimentSchema } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { hexOf, sha256 } from './hash.ts';
import { printable, shown } from './printable.ts';
import { parseJson, pathText, readableIssue } from './readable.ts';

/** A sweep that cannot be expanded: one sentence that names the path or value. */
export class SweepError extends Error {
  override readonly name = 'SweepError';
}

/** More are not trained in anybody's lifetime, and would only fill the memory. */
const MOST_RUNS = 10_000;

const assignments = z.record(z.string().min(1), z.json());

export const sweepSchema = z.strictObject({
  format: z.literal('relu-studio/sweep'),
  version: z.literal(1),
  grid: z.record(z.string().min(1), z.array(z.json()).min(1)).default({}),
  list: z.array(assignments).default([]),
});

export type Sweep = z.infer<typeof sweepSchema>;
export type Assignments = z.infer<typeof assignments>;

export interface SweptExperiment {
  /** Name of its folder: the first 16 hexadecimal digits of the SHA-256 of the experiment. */
  key: string;
  /** What differs from the base experiment, by path. */
  values: Assignments;
  experiment: Experiment;
}

/** @throws SweepError where the text is no sweep file */
export function parseSweep(text: string): Sweep {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw new SweepError(`This is not JSON (${(cause as Error).message}).`, { cause });
  }
  const parsed = sweepSchema.safeParse(json);
  if (!parsed.success) throw new SweepError(readableIssue(parsed.error, 'the sweep'));
  return parsed.data;
}

/** Every combination of one value of each path; one empty combination where the grid is empty. */
function product(grid: Sweep['grid']): Assignments[] {
  return Object.entries(grid).reduce<Assignments[]>(
    (all, [path, values]) => all.flatMap((done) => values.map((value) => ({ ...done, [path]: value }))),
    [{}],
  );
}

/** Keys sorted at every depth, so that the order of fields in a file does not matter. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, field]) => [key, canonical(field)]),
  );
}

const digest = async (value: unknown): Promise<string> =>
  hexOf(await sha256(new TextEncoder().encode(JSON.stringify(canonical(value))))).slice(0, 16);

/** Names an experiment by its content: equal settings give equal keys whatever the order of the fields. */
export const experimentKey = (experiment: Experiment): Promise<string> => digest(experiment);

/**
 * Names the dense phase by everything that it depends on: experiments with one key share it bit for bit. null where nothing is trained
 * before the methods.
 * @param from what the run starts from, where it does not start from random weights
 */
export async function denseKey(experiment: Experiment, from: string | null = null): Promise<string | null> {
  const { seed, dataset, augment, network, dense, selection, engine } = experiment;
  return dense.epochs === 0 ? null : digest({ seed, dataset, augment, network, dense, selection, engine, from });
}

/** Puts a value at a path of a copy of the experiment. @throws SweepError where the path does not exist */
function assign(target: unknown, path: string, value: unknown): void {
  const keys = path.split('.');
  let holder = target;
  for (const [i, key] of keys.entries()) {
    const known = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
    if (!known) {
      const place = i === 0 ? 'the experiment' : printable(keys.slice(0, i).join('.'), 60);
      throw new SweepError(`${shown(path)}: ${place} has no "${printable(key, 40)}".`);
    }
    if (i === keys.length - 1) (holder as Record<string, unknown>)[key] = value;
    else holder = (holder as Record<string, unknown>)[key];
  }
}

function experimentWith(base: Experiment, values: Assignments): Experiment {
  const copy: unknown = structuredClone(base);
  for (const [path, value] of Object.entries(values)) assign(copy, path, value);
  const parsed = experimentSchema.safeParse(copy);
  if (!parsed.success) {
    const { path } = parsed.error.issues[0];
    const place = pathText(path).replace(/\[(\d+)\]/g, '.$1');
    // The assignment at fault, where the issue lies at its path or below; else the field that complains.
    const culprit = Object.keys(values).find(
      (own) => place === own || place.startsWith(`${own}.`) || own.startsWith(`${place}.`),
    );
    const value = culprit === undefined ? '' : ` = ${printable(JSON.stringify(values[culprit]), 60)}`;
    throw new SweepError(`${shown(culprit ?? place)}${value}: ${readableIssue(parsed.error, 'the experiment')}`);
  }
  try {
    gateMapOf(parsed.data);
  } catch (cause) {
    throw new SweepError(`${printable(JSON.stringify(values), 120)}: ${(cause as Error).message}`, { cause });
  }
  return parsed.data;
}

/**
 * The experiments of a sweep, each once, in the order of the file.
 * @throws SweepError naming a path that does not exist or a value that the experiment's schema refuses
 */
export async function expandSweep(base: Experiment, sweep: Sweep): Promise<SweptExperiment[]> {
  const lists = Object.values(sweep.grid);
  const inGrid = lists.length === 0 ? 0 : lists.reduce((count, values) => count * values.length, 1);
  if (inGrid + sweep.list.length > MOST_RUNS)
    throw new SweepError(
      `The sweep has ${(inGrid + sweep.list.length).toLocaleString('en')} runs; ${MOST_RUNS.toLocaleString('en')} are the most.`,
    );
  if (inGrid + sweep.list.length === 0) throw new SweepError('The sweep is empty: give a grid or a list.');
  const combinations = [...(lists.length === 0 ? [] : product(sweep.grid)), ...sweep.list];
  const found = new Map<string, SweptExperiment>();
  for (const values of combinations) {
    const experiment = experimentWith(base, values);
    const key = await experimentKey(experiment);
    if (!found.has(key)) found.set(key, { key, values, experiment });
  }
  return [...found.values()];
}

/**
 * The runs of shard i of n (1 ≤ n, 0 ≤ i < n). Runs that share their dense phase are kept together, so that few shards train the same
 * one; every run belongs to exactly one shard, and the split depends on the sweep alone.
 */
export async function shardOf(runs: readonly SweptExperiment[], i: number, n: number): Promise<SweptExperiment[]> {
  const keys = await Promise.all(runs.map(({ experiment }) => denseKey(experiment)));
  const groups = new Map<string, SweptExperiment[]>();
  runs.forEach((run, at) => {
    const group = keys[at] ?? `alone ${at}`;
    groups.set(group, [...(groups.get(group) ?? []), run]);
  });
  const ordered = [...groups.values()].flat();
  const mine = new Set(
    ordered
      .slice(Math.floor((i * ordered.length) / n), Math.floor(((i + 1) * ordered.length) / n))
      .map(({ key }) => key),
  );
  return runs.filter(({ key }) => mine.has(key));
}
