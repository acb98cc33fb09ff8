/** How many DReLUs binary masks keep, and how many of them were below ε: against a count by hand. */
import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../domain/composition.ts';
import type { Method } from '../domain/experiment.ts';
import { sitesOf } from '../domain/network.ts';
import type { TensorMap } from '../engine/api.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import { binarise, keptBelow } from './binarise.ts';
import { seedFor } from './seeds.ts';
import { tinyExperiment, tinyShare, tinySnl } from './testing.ts';

const EPSILON = 0.01;

/** α drawn by name between −0.04 and 0.06. */
function drawn(methods: Method[]) {
  const { network } = tinyExperiment([]);
  const gates = gateMapOf(tinyExperiment(methods));
  const weights: TensorMap = new Map(
    gateParametersOf(network, gates).map(({ name, shape, role, initial }) => {
      const length = shape.reduce((product, n) => product * n, 1);
      const data = Float32Array.from({ length }, (_, i) =>
        role === 'alpha' ? (seedFor(i, name) % 1000) / 10_000 - 0.04 : initial,
      );
      return [name, { shape, data }];
    }),
  );
  return { network, gates, weights };
}

describe.each<[string, Method[], number[]]>([
  ['masks per pixel', [tinySnl], [0, 10, 60, 110, 120]],
  ['masks per channel', [{ ...tinySnl, granularity: 'channel' }], [0, 16, 60, 120]],
])('%s', (_, methods, budgets) => {
  it.each(budgets)('of the %d largest those below ε are counted', (keep) => {
    const { network, gates, weights } = drawn(methods);
    const binary = binarise(network, gates, weights, { keep });
    let kept = 0;
    let below = 0;
    for (const { id, shape } of sitesOf(network)) {
      const alpha = weights.get(`${id}.alpha`)!.data;
      const bits = binary.get(`${id}.alpha`)!.data;
      const drelusEach = (shape[0] * shape[1] * shape[2]) / alpha.length;
      alpha.forEach((value, i) => {
        kept += drelusEach * bits[i];
        below += value > EPSILON ? 0 : drelusEach * bits[i];
      });
    }
    expect(keptBelow(network, gates, weights, binary, EPSILON)).toEqual({ kept, below });
  });
});

it('by threshold none that is kept was below ε', () => {
  for (const methods of [[tinySnl], [tinyShare, tinySnl]]) {
    const { network, gates, weights } = drawn(methods);
    const binary = binarise(network, gates, weights, { epsilon: EPSILON });
    const { kept, below } = keptBelow(network, gates, weights, binary, EPSILON);
    expect(kept).toBeGreaterThan(0);
    expect(below).toBe(0);
  }
});

it('over sharing the prototypes’ masks count once, whoever shares them', () => {
  const { network, gates, weights } = drawn([tinyShare, tinySnl]);
  const all = binarise(network, gates, weights, { keep: Infinity });
  const masks = [...weights].filter(([name]) => name.endsWith('.alpha'));
  const { kept, below } = keptBelow(network, gates, weights, all, EPSILON);
  const count = (above: boolean) =>
    masks.reduce((sum, [, { data }]) => sum + data.filter((value) => value > EPSILON === above).length, 0);
  expect(below).toBe(count(false));
  expect(kept - below).toBe(count(true));
});

describe('a site with a single mask', () => {
  it('is made binary like any other: one channel, one α per channel', () => {
    const { network } = tinyExperiment([]);
    const narrow = { ...network, widths: [1, 1] };
    const gates = gateMapOf({ network: narrow, methods: [{ ...tinySnl, granularity: 'channel' }] });
    const weights: TensorMap = new Map(
      sitesOf(narrow).map(({ id }, i) => [`${id}.alpha`, { shape: [1, 1, 1], data: Float32Array.of(i < 2 ? 0.4 : 0) }]),
    );
    const binary = binarise(narrow, gates, weights, { epsilon: EPSILON });
    expect(sitesOf(narrow).map(({ id }) => [...binary.get(`${id}.alpha`)!.data])).toEqual([[1], [1], [0], [0]]);
  });
});
