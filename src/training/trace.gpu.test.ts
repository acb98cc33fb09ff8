/** Tracing on a real device: it changes no weight and no mask, and an interrupted run's trace is that of an undisturbed one. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../test/openGpu.ts';
import { arrange, syntheticDataSet } from '../data/dataset.ts';
import { experimentSchema } from '../domain/experiment.ts';
import { deepshareMethod } from '../domain/methods/deepshare.ts';
import { SNL_QUICK } from '../domain/methods/snl.ts';
import { DISTILLATION, quickPhase } from '../domain/phase.ts';
import { network } from '../domain/presets.ts';
import type { createEngine as CreateEngine } from '../engine/createEngine.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import { exportMasks } from './exportMasks.ts';
import type { Checkpoint } from './state.ts';
import { traceLinesUpTo, type TracedCheck, type TracedStep, type TraceWriter } from './trace.ts';
import { Trainer } from './trainer.ts';

const gpu = openGpuForTests();
/** tfjs looks for navigator.gpu when it is loaded: not before the GPU is there. */
let createEngine: typeof CreateEngine;
beforeAll(async () => {
  ({ createEngine } = await import('../engine/createEngine.ts'));
});

const phase = (epochs: number) => ({ ...quickPhase(epochs, 0.05), batch: 16 });
const experiment = experimentSchema.parse({
  format: 'relu-studio/experiment',
  version: 1,
  name: 'traced',
  seed: 3,
  dataset: { name: 'synthetic', trainImages: 100, testImages: 20, validationShare: 0.2, syntheticSeed: 1 },
  augment: { cropPadding: 2, flip: true },
  network: network(3, { widths: [3, 5, 6, 10], blocks: [1, 1, 1, 1] }),
  dense: phase(1),
  methods: [
    { ...deepshareMethod(0.4, 4, phase(1), phase(1)), distillation: DISTILLATION },
    {
      ...SNL_QUICK,
      batch: 16,
      maxEpochs: 4,
      lambda: 1e-3,
      lambdaHold: 0,
      maskLearningRate: 0.1,
      checkEverySteps: 3,
      distillation: DISTILLATION,
      finetune: phase(1),
    },
  ],
  selection: 'validation',
  engine: { f16: false, microBatch: 8 },
});

interface Lines {
  steps: TracedStep[];
  checks: TracedCheck[];
}

async function train(options: { traced: boolean; resume?: Checkpoint; stopIn?: string }) {
  const { dataset, seed } = experiment;
  const lines: Lines = { steps: [], checks: [] };
  const done = () => Promise.resolve();
  const trace: TraceWriter = {
    phaseBegun: done,
    phaseEnded: done,
    flush: done,
    step: (line) => lines.steps.push(line),
    check: (line) => lines.checks.push(line),
  };
  let bytes: Uint8Array | null = null;
  const trainer: Trainer = new Trainer({
    experiment,
    data: arrange(syntheticDataSet(dataset.syntheticSeed, dataset.trainImages, dataset.testImages), dataset, seed),
    createEngine: (settings) => createEngine('studio', gpu(), settings),
    emit: (event) => {
      if (event.type === 'step' && event.record.phase === options.stopIn) trainer.stop();
    },
    resume: options.resume,
    storage: {
      write: (written) => {
        bytes = written;
        return Promise.resolve();
      },
    },
    checkpointSeconds: 1e6,
    trace: options.traced ? trace : null,
  });
  const outcome = await trainer.run();
  if (outcome.status === 'failed') throw outcome.error;
  const files = outcome.status === 'done' ? await exportMasks(outcome.finished, '2026-11-21T08:00:00Z') : null;
  return { lines, files, saved: () => decodeCheckpoint(bytes!) };
}

describe('a trace', () => {
  it('changes no weight and no mask, and survives an interruption bit for bit', async () => {
    const plain = await train({ traced: false });
    const traced = await train({ traced: true });
    expect(traced.files).toEqual(plain.files);
    expect(plain.lines).toEqual({ steps: [], checks: [] });

    const first = await train({ traced: true, stopIn: 'snl-masks' });
    const checkpoint = first.saved();
    const second = await train({ traced: true, resume: checkpoint });
    const upTo = traceLinesUpTo(checkpoint.state);
    expect(second.files).toEqual(plain.files);
    expect([...first.lines.steps.filter(upTo.step), ...second.lines.steps]).toEqual(traced.lines.steps);
    expect([...first.lines.checks.filter(upTo.check), ...second.lines.checks]).toEqual(traced.lines.checks);
    expect(second.lines.steps.length).toBeLessThan(traced.lines.steps.length);

    for (const { loss, crossEntropy, distillation, penalty } of traced.lines.steps)
      expect(Math.abs(loss - (crossEntropy + distillation + penalty))).toBeLessThan(1e-5 * Math.max(1, loss));
  });
});
