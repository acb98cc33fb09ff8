/** Suggested prototype counts. */
import { expect, test } from 'vitest';
import { gateMapOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import { presetOf } from '../../domain/presets.ts';
import { sitesOf } from '../../domain/network.ts';
import type { GateAnalysis } from '../../worker/protocol.ts';
import { applySuggestion, suggestionOf } from './suggest.ts';

const experiment = structuredClone(presetOf('snl-quick'));
const { network } = experiment;
const analysis = (dimension: number): GateAnalysis => ({
  run: 'r',
  images: 2,
  seed: 1,
  measure: 'participation',
  network,
  sites: sitesOf(network).map(({ id, shape, stage }) => ({
    id,
    shape,
    stage,
    images: { matching: [], shuffled: [] },
    positions: { matching: [], shuffled: [] },
    pooled: { matching: dimension, shuffled: 1 },
    correlation: new Float32Array(),
    order: [],
    open: [],
  })),
});

test('a quarter of the dimensions suggests a quarter of the DReLUs, and the experiment then has as many', () => {
  const suggestion = suggestionOf(analysis(0.25), null);
  applySuggestion(experiment, suggestion);
  expect(experiment.methods.map(({ name }) => name)).toEqual(['deepshare', 'snl']);
  const shared = { network, methods: experiment.methods.filter(({ name }) => name === 'deepshare') };
  const { total } = countsOf(network, gateMapOf(shared));
  expect(total.drelus).toBe(suggestion.drelus);
  expect(total.drelus).toBe(countsOf(network).total.drelus / 4);
});

test('a budget is met down to one prototype per layer', () => {
  const { drelus } = suggestionOf(analysis(0.6), 20_000);
  expect(drelus).toBeLessThanOrEqual(20_000);
  expect(drelus).toBeGreaterThan(10_000);
  const positions = sitesOf(network).reduce((sum, { shape }) => sum + shape[1] * shape[2], 0);
  expect(suggestionOf(analysis(0.6), 1).drelus).toBe(positions);
});
