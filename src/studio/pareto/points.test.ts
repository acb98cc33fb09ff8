/** The points of the Pareto plot and their CSV. */
import { expect, test } from 'vitest';
import { presetOf } from '../../domain/presets.ts';
import { csvRows, parsePublished } from '../../domain/published.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { ownPoints, pointsCsv, publishedFor, trailOf } from './points.ts';

const run = (change: Partial<RunSummary>): RunSummary => ({
  id: 'a',
  name: 'SNL, "quick"',
  createdAt: '2026-11-21T08:00:00Z',
  finishedAt: null,
  status: 'done',
  experiment: presetOf('snl-quick'),
  drelus: 15_360,
  multiplications: 15_360,
  testAccuracy: 0.8931,
  validationAccuracy: 0.9,
  seconds: 60,
  checkpointStep: null,
  ...change,
});

test('only finished runs with a result are points; without a test split the validation accuracy is used', () => {
  const points = ownPoints([
    run({}),
    run({ id: 'b', status: 'running' }),
    run({ id: 'c', drelus: null }),
    run({ id: 'd', testAccuracy: null }),
    run({ id: 'e', testAccuracy: null, validationAccuracy: null }),
    run({ id: 'f', experiment: { ...presetOf('snl-quick'), selection: 'paper' } }),
  ]);
  expect(points.map(({ run: id, accuracy, split, method }) => [id, accuracy, split, method])).toEqual([
    ['a', 0.8931, 'test', 'snl'],
    ['d', 0.9, 'validation', 'snl'],
    ['f', 0.8931, 'best test epoch', 'snl'],
  ]);
});

test('the trail has one point per epoch', () => {
  const evaluation = (accuracy: number) => ({ images: 10, loss: 1, accuracy });
  const epoch = (n: number, drelus: number, validation: number | null) => ({
    phase: 'masks',
    epoch: n,
    step: n,
    seconds: 1,
    train: evaluation(0.5),
    validation: validation === null ? null : evaluation(validation),
    test: null,
    drelus,
    multiplications: drelus,
    learningRate: 0.1,
    lambda: null,
    softness: null,
  });
  const history = {
    phases: [],
    steps: [],
    epochs: [epoch(0, 100, 0.6), epoch(1, 80, null)],
    switches: [],
    warnings: [],
  };
  expect(trailOf(history).map(({ drelus, accuracy }) => [drelus, accuracy])).toEqual([
    [100, 0.6],
    [80, 0.5],
  ]);
  expect(trailOf(undefined)).toEqual([]);
});

test('the CSV reads back, quotes and commas included', () => {
  const published = parsePublished(
    'method,network,dataset,relus_thousands,test_accuracy_percent,source,confidence,note\nSNL,ResNet18,cifar100,12.9,66.53,"Figure 3, left",confirmed,\n',
  );
  const rows = csvRows(pointsCsv(ownPoints([run({})]), published));
  expect(rows[1]).toEqual([
    'own',
    'SNL, "quick"',
    'snl',
    'ResNet-18 m=8',
    'Synthetic',
    '15360',
    '15360',
    '89.31',
    'test',
    '1',
    '',
  ]);
  expect(rows[2]).toEqual([
    'published',
    '',
    'SNL',
    'ResNet18',
    'CIFAR-100',
    '12900',
    '',
    '66.53',
    'test',
    '',
    'Figure 3, left',
  ]);
});

test('runs on the built-in data are compared with CIFAR-10, others with their own data set', () => {
  expect([publishedFor('synthetic'), publishedFor('cifar-100')]).toEqual(['cifar-10', 'cifar-100']);
});
