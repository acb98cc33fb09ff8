/** The cost of an experiment, whether it can be trained, and how long that takes. */
import { describe, expect, it } from 'vitest';
import { budgetCount } from '../domain/budget.ts';
import { presetOf } from '../domain/presets.ts';
import type { DataSummary, DeviceInfo } from '../worker/protocol.ts';
import { outlookOf } from './outlook.ts';
import { plannedEpochs, readinessOf, trainingImages } from './readiness.ts';

const gpu: DeviceInfo = {
  available: true,
  vendor: 'nvidia',
  architecture: 'hopper',
  description: '',
  software: false,
  features: [],
  limits: { maxBufferSize: 1e9, maxStorageBufferBindingSize: 1e9, maxComputeInvocationsPerWorkgroup: 256 },
};

const cifar: DataSummary = {
  name: 'cifar-10',
  classes: [],
  train: { images: 50_000, perClass: [] },
  test: { images: 10_000, perClass: [] },
  bytes: 1,
  files: [],
  shape: [3, 32, 32],
};

describe('outlookOf', () => {
  it('ends at the budget, and counts dense networks as the table does', () => {
    const paper = presetOf('snl-paper-cifar10');
    const outlook = outlookOf(paper);
    expect(outlook.dense.total.drelus).toBe(491_520);
    expect(outlook).toMatchObject({ drelus: 50_000, multiplications: 50_000, estimated: false });
  });

  it('is at most the number of DReLUs of the network', () => {
    const quick = presetOf('snl-quick');
    const [snl] = quick.methods;
    if (snl.name === 'snl') snl.budget = { kind: 'count', drelus: 1e9 };
    expect(outlookOf(quick).drelus).toBe(61_440);
  });

  it('takes shares of the DReLUs before the masks', () => {
    expect(budgetCount({ kind: 'share', share: 0.25 }, 61_440)).toBe(15_360);
    // A quarter of the prototypes, then half of their DReLUs.
    expect(outlookOf(presetOf('deepshare-over-snl-quick'))).toMatchObject({ drelus: 61_440 / 8, estimated: true });
  });
});

describe('readinessOf', () => {
  const quick = presetOf('snl-quick');
  const outlook = outlookOf(quick);

  it('says what Train will do and how long it takes', () => {
    const { problem, sentence } = readinessOf(quick, outlook, gpu, []);
    expect(problem).toBeNull();
    expect(sentence).toMatch(/^Trains a dense network, then SNL .*, on Synthetic; about .* on this GPU\.$/);
  });

  it('asks for the files of a data set until they are loaded', () => {
    const paper = presetOf('snl-paper-cifar10');
    expect(readinessOf(paper, outlookOf(paper), gpu, []).problem).toMatch(/Drop the files of CIFAR-10/);
    expect(readinessOf(paper, outlookOf(paper), gpu, [cifar]).problem).toBeNull();
    const testOnly = { ...cifar, train: { images: 0, perClass: [] } };
    expect(readinessOf(paper, outlookOf(paper), gpu, [testOnly]).problem).toMatch(/no training images/);
  });

  it('gives the reason why there is no GPU', () => {
    expect(readinessOf(quick, outlook, { ...gpu, available: false, reason: 'No WebGPU.' }, []).problem).toBe(
      'No WebGPU.',
    );
  });

  it('names the field of an experiment that the schema refuses', () => {
    expect(readinessOf({ ...quick, seed: 0.5 }, outlook, gpu, []).problem).toMatch(/^seed /);
  });
});

describe('the expected length of a run', () => {
  it('counts the epochs of all phases and half of the mask stage’s most', () => {
    const quick = presetOf('snl-quick');
    const [snl] = quick.methods;
    if (snl.name !== 'snl') throw new Error('the quick preset is SNL');
    expect(plannedEpochs(quick)).toBe(
      quick.dense.epochs + snl.maxEpochs / 2 + (snl.binariseEpochs ?? 0) + snl.finetune.epochs,
    );
  });

  it('excludes the validation images', () => {
    expect(trainingImages(presetOf('snl-quick'), [])).toBe(3600);
    expect(trainingImages(presetOf('snl-cifar10'), [cifar])).toBe(45_000);
  });
});
