/** Sweep files: which experiments they stand for, in which order, and how they are split over machines. */
import { describe, expect, it } from 'vitest';
import { presetOf } from './presets.ts';
import { denseKey, expandSweep, experimentKey, parseSweep, shardOf, SweepError } from './sweepFile.ts';
import type { Sweep } from './sweepFile.ts';

const base = presetOf('snl-quick');
const sweep = (more: Partial<Sweep>): Sweep => ({
  format: 'relu-studio/sweep',
  version: 1,
  grid: {},
  list: [],
  ...more,
});

describe('expanding a sweep', () => {
  it('takes the product of the grid, the first path slowest, then the list', async () => {
    const runs = await expandSweep(
      base,
      sweep({
        grid: { 'methods.0.budget.share': [0.05, 0.1], seed: [1, 2] },
        list: [{ 'network.widths': [4, 8, 16, 32] }],
      }),
    );
    expect(runs.map(({ values }) => values)).toEqual([
      { 'methods.0.budget.share': 0.05, seed: 1 },
      { 'methods.0.budget.share': 0.05, seed: 2 },
      { 'methods.0.budget.share': 0.1, seed: 1 },
      { 'methods.0.budget.share': 0.1, seed: 2 },
      { 'network.widths': [4, 8, 16, 32] },
    ]);
    expect(runs[0].experiment).toEqual({
      ...base,
      seed: 1,
      methods: [{ ...base.methods[0], budget: { kind: 'share', share: 0.05 } }],
    });
    expect(runs[4].experiment.network.widths).toEqual([4, 8, 16, 32]);
    expect(runs.every(({ key }) => /^[0-9a-f]{16}$/.test(key))).toBe(true);
    expect(base).toEqual(presetOf('snl-quick'));
  });

  it('trains an experiment that occurs twice once', async () => {
    const runs = await expandSweep(base, sweep({ grid: { seed: [1, 1, 2] }, list: [{ seed: 2 }, {}] }));
    expect(runs.map(({ experiment }) => experiment.seed)).toEqual([1, 2]);
  });

  it.each<[Partial<Sweep>, RegExp]>([
    [{ grid: { 'methods.1.budget': [1] } }, /^"methods\.1\.budget": methods has no "1"\.$/],
    [{ grid: { sed: [1] } }, /^"sed": the experiment has no "sed"\.$/],
    [{ grid: { 'seed.deep': [1] } }, /^"seed\.deep": seed has no "deep"\.$/],
    [{ list: [{ '__proto__.x': 1 }] }, /has no "__proto__"/],
    [
      { grid: { 'methods.0.budget.share': [0.5, 2] } },
      /^"methods\.0\.budget\.share" = 2: methods\[0\]\.budget\.share must be at most 1/,
    ],
    [{ grid: { 'network.widths': [[8, 16]] } }, /^"network\.widths" = \[8,16\]: network\.widths/],
    [{ grid: { 'dataset.name': ['imagenet'] } }, /^"dataset\.name" = "imagenet": dataset\.name must be one of/],
    [{}, /empty/],
    [{ grid: { seed: Array.from({ length: 20_000 }, (_, i) => i) } }, /20,000 runs; 10,000 are the most/],
  ])('refuses %o with the path or value at fault', async (more, message) => {
    await expect(expandSweep(base, sweep(more))).rejects.toThrow(SweepError);
    await expect(expandSweep(base, sweep(more))).rejects.toThrow(message);
  });

  it('reads files, and refuses what is none by its field', () => {
    expect(parseSweep('{"format":"relu-studio/sweep","version":1,"grid":{"seed":[1]}}')).toEqual(
      sweep({ grid: { seed: [1] } }),
    );
    expect(() => parseSweep('{')).toThrow(/not JSON/);
    expect(() => parseSweep('{"format":"relu-studio/sweep","version":2}')).toThrow(/version/);
    expect(() => parseSweep('{"format":"relu-studio/sweep","version":1,"grid":{"seed":1}}')).toThrow(/grid\.seed/);
    expect(() => parseSweep('{"format":"relu-studio/sweep","version":1,"grids":{}}')).toThrow(/grids/);
  });
});

describe('keys', () => {
  it('depend on the settings, not on the order of the fields', async () => {
    const turned = Object.fromEntries(Object.entries(base).toReversed()) as typeof base;
    expect(await experimentKey(turned)).toBe(await experimentKey(base));
    expect(await experimentKey({ ...base, seed: base.seed + 1 })).not.toBe(await experimentKey(base));
  });

  it('are shared by dense phases that methods do not touch', async () => {
    const key = await denseKey(base);
    expect(await denseKey({ ...base, methods: [], name: 'another' })).toBe(key);
    for (const change of [
      { seed: base.seed + 1 },
      { network: { ...base.network, stemGate: !base.network.stemGate } },
      { dense: { ...base.dense, epochs: base.dense.epochs + 1 } },
      { selection: 'last' as const },
      { augment: { cropPadding: 1, flip: false } },
    ])
      expect(await denseKey({ ...base, ...change })).not.toBe(key);
    expect(await denseKey({ ...base, dense: { ...base.dense, epochs: 0 } })).toBeNull();
    expect(await denseKey(base, 'another run')).not.toBe(key);
  });
});

describe('shards', () => {
  it('hold every run exactly once, whatever their number, and differ by at most one run in size', async () => {
    const runs = await expandSweep(
      base,
      sweep({ grid: { 'methods.0.budget.share': [0.05, 0.1, 0.2], seed: [1, 2, 3, 4] } }),
    );
    for (let n = 1; n <= 15; n++) {
      const shards = await Promise.all(Array.from({ length: n }, (_, i) => shardOf(runs, i, n)));
      const keys = shards.flat().map(({ key }) => key);
      expect(keys.toSorted()).toEqual(runs.map(({ key }) => key).toSorted());
      const sizes = shards.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
  });

  it('keep runs of one dense phase together', async () => {
    const runs = await expandSweep(
      base,
      sweep({ grid: { 'methods.0.budget.share': [0.05, 0.1, 0.2], seed: [1, 2, 3, 4] } }),
    );
    for (const i of [0, 1]) {
      const seeds = new Set((await shardOf(runs, i, 2)).map(({ experiment }) => experiment.seed));
      expect(seeds.size).toBe(2);
    }
  });
});
