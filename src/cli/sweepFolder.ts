/**
 * The folder of a sweep by a sweep file:
 *
 *   sweep.json     the sweep, its base experiment and every run: key, values, and the result of those that are done
 *   runs/KEY/      a run folder each (runFolder.ts)
 *   shared/        dense phases that several runs go on from (sharedPhases.ts)
 *
 * sweep.json holds no times, so that shards and a merge of them write the same bytes as a sweep on one machine.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { experimentSchema, type Experiment } from '../domain/experiment.ts';
import { parseJson, readableIssue } from '../domain/readable.ts';
import { expandSweep, sweepSchema, type Sweep, type SweptExperiment } from '../domain/sweepFile.ts';
import { UsageError } from './errors.ts';
import { writeWhole } from './files.ts';
import { RunFolder } from './runFolder.ts';

const SWEEP_FILE = 'sweep.json';

const recordSchema = z.strictObject({
  format: z.literal('relu-studio/sweep-results'),
  version: z.literal(1),
  experiment: experimentSchema,
  sweep: sweepSchema,
  runs: z.array(
    z.strictObject({
      key: z.string(),
      values: z.record(z.string(), z.json()),
      /** As in run.json; null: not trained yet, or failed. */
      result: z.json().nullable(),
    }),
  ),
});

export class SweepFolder {
  constructor(readonly path: string) {}

  run(key: string): RunFolder {
    return new RunFolder(join(this.path, 'runs', key));
  }

  get shared(): string {
    return join(this.path, 'shared');
  }

  /** Result of a run that is done, else null. */
  async resultOf({ key, experiment }: SweptExperiment): Promise<unknown> {
    const record = await this.run(key).existing(experiment);
    return record?.status === 'done' ? (record.result ?? null) : null;
  }

  /** @throws UsageError where the folder holds another sweep. */
  async check(base: Experiment, sweep: Sweep): Promise<void> {
    const known = await this.read();
    if (known && JSON.stringify([known.experiment, known.sweep]) !== JSON.stringify([base, sweep]))
      throw new UsageError(`${this.path} holds another sweep: choose another folder for --out.`);
  }

  /** The sweep that the folder holds; null where there is none. @throws UsageError where sweep.json is damaged. */
  async read(): Promise<{ experiment: Experiment; sweep: Sweep } | null> {
    const file = join(this.path, SWEEP_FILE);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    let json: unknown = null;
    try {
      json = parseJson(text);
    } catch {
      // Reported below.
    }
    const parsed = recordSchema.safeParse(json);
    if (!parsed.success) throw new UsageError(`${file} is no record of a sweep: ${readableIssue(parsed.error)}`);
    return parsed.data;
  }

  /** Writes sweep.json with the results that the run folders hold. */
  async write(base: Experiment, sweep: Sweep): Promise<void> {
    const runs = [];
    for (const run of await expandSweep(base, sweep))
      runs.push({ key: run.key, values: run.values, result: await this.resultOf(run) });
    const record = { format: 'relu-studio/sweep-results', version: 1, experiment: base, sweep, runs };
    await writeWhole(join(this.path, SWEEP_FILE), `${JSON.stringify(record, null, 2)}\n`, `${process.pid}`);
  }

  /** Names of the run folders. */
  async keys(): Promise<string[]> {
    return readdir(join(this.path, 'runs')).catch(() => []);
  }
}
