/** The trace on disk: after crashes at any step it is, byte for byte, that of an undisturbed run. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../training/checkpoint.ts';
import { DISTILLATION } from '../domain/phase.ts';
import { rehearse, tinyExperiment, tinyShare, tinySnl, type RehearsalOptions } from '../training/testing.ts';
import { TraceFolder } from './traceFolder.ts';

const made: string[] = [];
const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'relu-trace-'));
  made.push(path);
  return join(path, 'trace');
};
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true });
});

const experiment = tinyExperiment([
  { ...tinyShare, distillation: DISTILLATION },
  { ...tinySnl, distillation: DISTILLATION },
]);

const filesOf = (path: string) =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('latin1')]));

async function traced(path: string, options: RehearsalOptions = {}) {
  const trace = new TraceFolder(path);
  await trace.prepare(options.resume?.state ?? null);
  const rehearsal = rehearse(experiment, { trace, ...options });
  return { ...rehearsal, ended: await rehearsal.outcome };
}

async function undisturbed() {
  const path = folder();
  expect((await traced(path)).ended.status).toBe('done');
  return filesOf(path);
}

describe('a trace folder', () => {
  it('has a line per step, per check and per phase, and the values at the start of each phase', async () => {
    const files = await undisturbed();
    expect(Object.keys(files).sort()).toEqual([
      'checks.jsonl',
      'phase-0.safetensors',
      'phase-1.safetensors',
      'phase-1.teacher.safetensors',
      'phase-2.safetensors',
      'phase-2.teacher.safetensors',
      'phase-3.safetensors',
      'phase-3.teacher.safetensors',
      'phase-4.safetensors',
      'phase-4.teacher.safetensors',
      'phases.jsonl',
      'steps.jsonl',
    ]);
    const steps = files['steps.jsonl'].split('\n').slice(0, -1);
    const last = JSON.parse(files['phases.jsonl'].split('\n').at(-2)!) as { endedAtStep: number };
    expect(steps).toHaveLength(last.endedAtStep);
  });

  it('is the same after crashes in every phase, with checkpoints at every stretch or only after epochs', async () => {
    const files = await undisturbed();
    for (const checkpointSeconds of [0, 1e6]) {
      for (const lostAt of [2, 5, 13, 19]) {
        const path = folder();
        let bytes: Uint8Array | null = null;
        const storage = {
          write: (written: Uint8Array) => {
            bytes = written;
            return Promise.resolve();
          },
        };
        let crashes = 0;
        for (let status = ''; status !== 'done';) {
          const resume = bytes ? decodeCheckpoint(bytes) : null;
          // Each attempt crashes one step later than the one before, so that the run gets further.
          const faults = crashes < 12 ? { lostAt: lostAt + crashes } : {};
          const run = await traced(path, { resume, faults, storage, checkpointSeconds });
          status = run.ended.status;
          if (status === 'failed') crashes++;
        }
        expect(crashes).toBeGreaterThan(0);
        expect(filesOf(path)).toEqual(files);
      }
    }
  });

  it('drops lines that were written after the checkpoint, and one that was cut off', async () => {
    const files = await undisturbed();
    const path = folder();
    const run = await traced(path, { faults: { lostAt: 13 }, checkpointSeconds: 1e6 });
    expect(run.ended.status).toBe('failed');
    appendFileSync(join(path, 'steps.jsonl'), '{"phase":0,"epoch":1,"st');
    appendFileSync(join(path, 'checks.jsonl'), '{"phase":3,"epoch":0,"step":999,"count":1}\n');
    expect((await traced(path, { resume: run.saved() })).ended.status).toBe('done');
    expect(filesOf(path)).toEqual(files);
  });

  it('of another run in the same folder is replaced from the start', async () => {
    const files = await undisturbed();
    const path = folder();
    await traced(path);
    writeFileSync(join(path, 'checks.jsonl'), 'old\n');
    expect((await traced(path)).ended.status).toBe('done');
    expect(filesOf(path)).toEqual(files);
  });

  it('that lacks steps before the checkpoint is refused', async () => {
    const path = folder();
    const run = await traced(path, { faults: { lostAt: 13 }, checkpointSeconds: 0 });
    truncateSync(join(path, 'steps.jsonl'), 10);
    await expect(new TraceFolder(path).prepare(run.saved().state)).rejects.toThrow(
      /the trace of the first \d+ steps is incomplete/,
    );
  });

  it('that cannot be written ends the run with the reason, before a checkpoint without it', async () => {
    const path = folder();
    const trace = new TraceFolder(path);
    await trace.prepare(null);
    let checkpoints = 0;
    const { outcome } = rehearse(experiment, {
      trace,
      onEvent: (event) => {
        // From the first step on the folder is gone.
        if (event.type === 'step') rmSync(path, { recursive: true, force: true });
      },
      storage: {
        write: () => {
          checkpoints++;
          return Promise.resolve();
        },
      },
    });
    expect(await outcome).toMatchObject({ status: 'failed', error: { code: 'ENOENT' } });
    expect(checkpoints).toBe(1);
  });
});
