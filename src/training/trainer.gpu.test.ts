/**
 * The promise of runs, on a real device with the studio's engine: one experiment gives one result, bit for bit, whether it ran
 * through, was stopped, lost its device, or was paused and stepped.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../test/openGpu.ts';
import { arrange, syntheticDataSet } from '../data/dataset.ts';
import { experimentSchema, type Experiment, type Method } from '../domain/experiment.ts';
import { network } from '../domain/presets.ts';
import { DISTILLATION, quickPhase } from '../domain/phase.ts';
import { deepshareMethod } from '../domain/methods/deepshare.ts';
import { SNL_QUICK } from '../domain/methods/snl.ts';
import type { createEngine as CreateEngine } from '../engine/createEngine.ts';
import type { EpochRecord, RunEvent } from './events.ts';
import { exportMasks } from './exportMasks.ts';
import { importMasks } from './importMasks.ts';
import { decodeCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './state.ts';
import { Trainer, type FinishedRun, type RunOutcome } from './trainer.ts';

const gpu = openGpuForTests();
/** tfjs looks for navigator.gpu when it is loaded: not before the GPU is there. */
let createEngine: typeof CreateEngine;
beforeAll(async () => {
  ({ createEngine } = await import('../engine/createEngine.ts'));
});

const phase = (epochs: number) => ({ ...quickPhase(epochs, 0.05), batch: 16 });
const snl: Method = {
  ...SNL_QUICK,
  batch: 16,
  maxEpochs: 6,
  lambda: 1e-3,
  lambdaHold: 0,
  maskLearningRate: 0.1,
  checkEverySteps: 3,
  distillation: DISTILLATION,
  finetune: phase(1),
};

function experiment(methods: Method[], dense: number): Experiment {
  return experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name: 'on a device',
    seed: 3,
    dataset: { name: 'synthetic', trainImages: 200, testImages: 40, validationShare: 0.2, syntheticSeed: 1 },
    augment: { cropPadding: 2, flip: true },
    network: network(3, { widths: [3, 5, 6, 10], blocks: [1, 1, 1, 1] }),
    dense: phase(dense),
    methods,
    selection: 'validation',
  });
}

interface Sitting {
  trainer: Trainer;
  outcome: RunOutcome;
  saved: Checkpoint | null;
  events: RunEvent[];
}

async function sit(
  chosen: Experiment,
  options: { resume?: Checkpoint; onEvent?: (event: RunEvent, trainer: Trainer) => void } = {},
): Promise<Sitting> {
  const { seed, dataset } = chosen;
  const data = arrange(syntheticDataSet(dataset.syntheticSeed, dataset.trainImages, dataset.testImages), dataset, seed);
  let bytes: Uint8Array | null = null;
  const events: RunEvent[] = [];
  const trainer: Trainer = new Trainer({
    experiment: chosen,
    data,
    createEngine: (settings) => createEngine('studio', gpu(), settings),
    emit: (event) => {
      events.push(event);
      options.onEvent?.(event, trainer);
    },
    resume: options.resume,
    storage: {
      write: (written) => {
        bytes = written;
        return Promise.resolve();
      },
    },
    checkpointSeconds: 0,
  });
  const outcome = await trainer.run();
  return { trainer, outcome, saved: bytes && decodeCheckpoint(bytes), events };
}

function finishedOf({ outcome }: Sitting): FinishedRun {
  if (outcome.status === 'failed') throw outcome.error;
  if (outcome.status !== 'done') throw new Error(outcome.status);
  return outcome.finished;
}

const NOW = '2026-11-21T08:00:00Z';
const filesOf = async (sitting: Sitting) => exportMasks(finishedOf(sitting), NOW);
const epochsOf = ({ trainer }: Sitting) =>
  trainer.state.history.epochs.map(({ seconds: _, ...rest }: EpochRecord) => rest);

const wide = (methods: Method[]): Experiment => ({
  ...experiment(methods, 1),
  network: network(3, { family: 'wide-resnet', blocks: [1, 1, 1], widths: [4, 6, 9], finalGate: true }),
});
const culled: Method = {
  name: 'deepreduce',
  cull: [1],
  thin: [2],
  thinKeeps: 'second',
  train: phase(1),
  distillation: DISTILLATION,
};
const reuse: Method = { name: 'reuse', groups: 3, train: phase(1), distillation: DISTILLATION };

const CASES: [string, Experiment][] = [
  ['SNL', experiment([snl], 1)],
  [
    'SNL over sharing',
    experiment(
      [{ ...deepshareMethod(0.4, 4, phase(1), phase(1)), choice: 'farthest', distillation: DISTILLATION }, snl],
      1,
    ),
  ],
];

describe.each(CASES)('%s', (_, chosen) => {
  it('gives the same files and history twice, and stopped in the middle of every phase', async () => {
    const reference = await sit(chosen);
    const files = await filesOf(reference);
    expect(finishedOf(reference).result.drelus).toBeGreaterThan(0);

    const second = await sit(chosen);
    expect(await filesOf(second)).toEqual(files);
    expect(epochsOf(second)).toEqual(epochsOf(reference));

    let sitting: Sitting | null = null;
    const phases = reference.trainer.state.history.phases.map(({ id }) => id);
    for (const id of phases) {
      const stopIn = (event: RunEvent, trainer: Trainer) =>
        event.type === 'step' && event.record.phase === id && trainer.stop();
      sitting = await sit(chosen, { resume: sitting?.saved ?? undefined, onEvent: stopIn });
      if (sitting.outcome.status === 'failed') throw sitting.outcome.error;
      expect(sitting.outcome.status).toBe('stopped');
    }
    const last = await sit(chosen, { resume: sitting!.saved! });
    expect(epochsOf(last)).toEqual(epochsOf(reference));
    expect(await filesOf(last)).toEqual(files);
  });
});

describe.each([
  ...CASES,
  ['culled and thinned wide ResNet, then SNL', wide([culled, snl])],
  ['ReLU-reuse', experiment([reuse], 1)],
] as [string, Experiment][])('%s', (_, chosen) => {
  it('evaluates from its files to the same accuracy', async () => {
    const run = await sit(chosen);
    const { result } = finishedOf(run);
    const files = await filesOf(run);
    const back = await importMasks(files.masks, files.weights);
    const { dataset, seed } = chosen;
    const data = arrange(
      syntheticDataSet(dataset.syntheticSeed, dataset.trainImages, dataset.testImages),
      dataset,
      seed,
    );
    const engine = createEngine('studio', gpu(), { network: back.masks.network, gates: back.gates, batch: 16 });
    engine.setData(data.images);
    engine.setWeights(back.weights);
    const { accuracy } = await engine.evaluate(data.test);
    engine.dispose();
    expect(accuracy).toBe(result.testAccuracy);
  });
});

describe('pausing', () => {
  it('takes single steps and goes on to the same end', async () => {
    const chosen = experiment([], 2);
    const reference = await sit(chosen);
    let paused = 0;
    const stepped = await sit(chosen, {
      onEvent: (event, trainer) => {
        if (event.type === 'phase') trainer.pause();
        if (event.type !== 'status' || event.status !== 'paused') return;
        if (paused++ < 4) trainer.step();
        else trainer.resume();
      },
    });
    expect(paused).toBe(5);
    expect(stepped.events.flatMap((event) => (event.type === 'step' ? [event.record.step] : [])).slice(0, 4)).toEqual([
      1, 2, 3, 4,
    ]);
    expect(epochsOf(stepped)).toEqual(epochsOf(reference));
    expect(await filesOf(stepped)).toEqual(await filesOf(reference));
  });
});
