/** On a briefly trained network, the effective dimension is lower at matching positions than after shuffling. */
import { beforeAll, expect, it } from 'vitest';
import { openGpuForTests } from '../../test/openGpu.ts';
import { arrange, syntheticDataSet } from '../data/dataset.ts';
import { experimentSchema } from '../domain/experiment.ts';
import { network } from '../domain/presets.ts';
import { quickPhase } from '../domain/phase.ts';
import { sitesOf } from '../domain/network.ts';
import type { createEngine as CreateEngine } from '../engine/createEngine.ts';
import { Trainer } from '../training/trainer.ts';
import { analyseGates } from './analyseGates.ts';

const gpu = openGpuForTests();
let createEngine: typeof CreateEngine;
beforeAll(async () => {
  ({ createEngine } = await import('../engine/createEngine.ts'));
});

it('a trained network has fewer independent gates than its shuffled control, at every site', async () => {
  const experiment = experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name: 'gates',
    seed: 1,
    dataset: { name: 'synthetic', trainImages: 700, testImages: 20, validationShare: 0.1, syntheticSeed: 1 },
    augment: { cropPadding: 0, flip: true },
    network: network(8),
    dense: { ...quickPhase(2, 0.05), batch: 32 },
    methods: [],
    selection: 'last',
  });
  const data = arrange(syntheticDataSet(1, 700, 20), experiment.dataset, experiment.seed);
  const trainer = new Trainer({
    experiment,
    data,
    createEngine: (settings) => createEngine('studio', gpu(), settings),
    emit: () => {},
  });
  const outcome = await trainer.run();
  if (outcome.status === 'failed') throw outcome.error;
  if (outcome.status !== 'done') throw new Error(`The run ended ${outcome.status}.`);
  const engine = createEngine('studio', gpu(), {
    network: experiment.network,
    gates: outcome.finished.gates,
    batch: 16,
  });
  engine.setData(data.images);
  engine.setWeights(outcome.finished.weights);
  const { sites } = await analyseGates(engine, 'run', {
    indices: data.validation.slice(0, 32),
    seed: 1,
    measure: 'participation',
  });
  engine.dispose();
  expect(sites.map(({ id }) => id)).toEqual(sitesOf(experiment.network).map(({ id }) => id));
  expect(sites.every(({ images }) => images.matching.length === 32)).toBe(true);
  const redundant = sites.filter(({ pooled }) => pooled.matching > 0 && pooled.matching < pooled.shuffled);
  expect(redundant.map(({ id }) => id)).toEqual(sites.map(({ id }) => id));
});
