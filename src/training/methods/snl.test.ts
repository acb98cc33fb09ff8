/** SNL's λ rule, its budget, and how masks are made binary. */
import { describe, expect, it } from 'vitest';
import type { Budget } from '../../domain/budget.ts';
import { budgetOf, gateMapOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import type { GateMap } from '../../domain/gateMap.ts';
import { sitesOf } from '../../domain/network.ts';
import type { TensorMap } from '../../engine/api.ts';
import { gateParametersOf } from '../../engine/gateParameters.ts';
import { binarise, countsOfWeights, isBinary, keptDrelus } from '../binarise.ts';
import { seedFor } from '../seeds.ts';
import { rehearse, tinyExperiment, tinyPhase, tinyShare, tinySnl } from '../testing.ts';
import { afterCount, paceOf, towardsBits } from './snl.ts';

describe('λ', () => {
  it('follows the released code, worked by hand: κ = 1.1, hold 2', () => {
    // epoch, count after it, λ after it in units of the start, lowest after it
    const table: [number, number, number, number][] = [
      [0, 100, 1, 100], // not below the lowest (100), but epoch < 2
      [1, 100, 1, 100],
      [2, 100, 1.1, 100], // not below, epoch ≥ 2
      [3, 90, 1.1, 90], // fell
      [4, 95, 1.21, 90], // rose
      [5, 90, 1.331, 90], // back at the lowest is not below it
      [6, 89, 1.331, 89],
    ];
    let memory = { lambda: 1, lowest: 100 };
    for (const [epoch, count, lambda, lowest] of table) {
      memory = afterCount(memory, count, epoch, { kappa: 1.1, lambdaHold: 2 });
      expect(memory.lambda, `epoch ${epoch}`).toBeCloseTo(lambda, 12);
      expect(memory.lowest).toBe(lowest);
    }
  });
});

describe('slowing near the budget', () => {
  const settings = { maskLearningRate: 0.01, epsilon: 0.01 };
  /** Masks spread evenly from `low` to `high`. */
  const spread = (count: number, low: number, high: number) => (threshold: number) =>
    Promise.resolve(
      Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.5)) / count).filter((a) => a > threshold)
        .length,
    );

  it('leaves the rate alone while the budget is out of reach', async () => {
    expect(await paceOf(settings, 10, 100, spread(1000, 0.2, 1))).toBe(1);
    expect(await paceOf(settings, 10, 100, spread(1000, 0, 1))).toBe(1);
  });

  it('halves it until the masks of the next steps keep 85% of the budget', async () => {
    // 10 steps of 0.01 would take all of them below ε, 10 steps of 0.005 none.
    expect(await paceOf(settings, 10, 100, spread(1000, 0.06, 0.07))).toBe(0.5);
    expect(await paceOf(settings, 10, 100, spread(1000, 0.0301, 0.0302))).toBe(1 / 8);
    expect(await paceOf(settings, 10, 100, spread(1000, 0.0101, 0.0102))).toBe(1 / 128);
  });

  it('passes the budget by less than a fifth where masks fall together, and from a constant rate by nearly all', async () => {
    const run = async (slow: boolean) => {
      const outcome = rehearse(
        tinyExperiment([
          {
            ...tinySnl,
            maxEpochs: 40,
            budget: { kind: 'count', drelus: 60 },
            ...(slow ? { slowNearBudget: true } : {}),
          },
        ]),
      );
      const done = await outcome.outcome;
      const counts = outcome.trainer.state.history.epochs.filter(({ phase }) => phase === 'snl-masks');
      return { done, last: counts.at(-1)!.drelus };
    };
    const [slow, constant] = [await run(true), await run(false)];
    expect(slow.last).toBeLessThanOrEqual(60);
    expect(slow.last).toBeGreaterThanOrEqual(48);
    expect(constant.last).toBeLessThan(48);
  });
});

describe('making masks binary over several epochs', () => {
  const run = async (more: Partial<typeof tinySnl>) => {
    const { outcome, trainer } = rehearse(tinyExperiment([{ ...tinySnl, ...more }]));
    const done = await outcome;
    if (done.status !== 'done') throw new Error(`The run ended as ${done.status}.`);
    return { finished: done.finished, history: trainer.state.history };
  };
  const masksOf = (weights: TensorMap) =>
    [...weights].flatMap(([name, { data }]) => (name.endsWith('.alpha') ? [[name, [...data]]] : []));

  it.each(['exact', 'threshold'] as const)(
    'ends with the same masks as at once (%s), and goes there in equal steps',
    async (rule) => {
      const atOnce = await run({ binarise: rule });
      const gradual = await run({ binarise: rule, binariseEpochs: 3 });
      expect(masksOf(gradual.finished.weights)).toEqual(masksOf(atOnce.finished.weights));
      expect(gradual.history.phases.map(({ id }) => id)).toEqual([
        'dense',
        'snl-masks',
        'snl-binarize-1',
        'snl-binarize-2',
        'snl-binarize-3',
        'snl-finetune',
      ]);
      expect(gradual.history.switches.map(({ what }) => what)).toEqual([
        'masks 1/4 binarized',
        'masks 2/4 binarized',
        'masks 3/4 binarized',
        'masks binarized',
      ]);
    },
  );

  it('moves a share of the way and keeps the order', () => {
    const { network } = tinyExperiment([]);
    const masked = gateMapOf(tinyExperiment([tinySnl]));
    const weights = drawnMasks(masked, 1000);
    const binary = binarise(network, masked, weights, { keep: 50 });
    for (const share of [0.25, 0.5, 0.9]) {
      const moved = towardsBits(weights, binary, share);
      expect(binarise(network, masked, moved, { keep: 50 })).toEqual(binary);
      const [name, { data }] = [...moved][0];
      data.forEach((value, i) => {
        const [from, to] = [weights.get(name)!.data[i], binary.get(name)!.data[i]];
        expect(value).toBeCloseTo(from + share * (to - from), 6);
      });
    }
  });
});

describe('budget', () => {
  it('is a count, or a share of the gates before the masks, rounded down', () => {
    const withBudget = (budget: Budget) => ({ ...tinySnl, budget });
    expect(budgetOf(tinyExperiment([]))).toBeNull();
    expect(budgetOf(tinyExperiment([withBudget({ kind: 'count', drelus: 17 })]))?.drelus).toBe(17);
    expect(budgetOf(tinyExperiment([withBudget({ kind: 'share', share: 0.26 })]))).toEqual({
      method: 'snl',
      before: 120,
      drelus: 31,
    });
    const shared = countsOf(tinyExperiment([]).network, gateMapOf(tinyExperiment([tinyShare]))).total.drelus;
    const half = withBudget({ kind: 'share', share: 0.5 });
    expect(budgetOf(tinyExperiment([half, tinyShare]))).toEqual({ method: 'snl', before: shared, drelus: shared / 2 });
  });
});

/** α drawn by name; some of them equal. */
function drawnMasks(gates: GateMap, levels: number): TensorMap {
  const { network } = tinyExperiment([]);
  return new Map(
    gateParametersOf(network, gates).map(({ name, shape, role, initial }) => {
      const length = shape.reduce((product, n) => product * n, 1);
      const alpha = Float32Array.from({ length }, (_, i) => ((seedFor(i, name) % levels) - 2) / levels);
      return [name, { shape, data: role === 'alpha' ? alpha : new Float32Array(length).fill(initial) }];
    }),
  );
}

describe('making masks binary', () => {
  const { network } = tinyExperiment([]);
  const masked = gateMapOf(tinyExperiment([tinySnl]));

  it.each([0, 1, 29, 60, 119, 120, 500])('keeps exactly the %d largest, no kept one below a dropped one', (keep) => {
    for (const levels of [3, 1000]) {
      const weights = drawnMasks(masked, levels);
      const binary = binarise(network, masked, weights, { keep });
      expect(isBinary(network, masked, binary)).toBe(true);
      expect(keptDrelus(network, masked, binary, 0.5)).toBe(Math.min(keep, 120));
      let lowestKept = Infinity;
      let highestDropped = -Infinity;
      for (const [name, { data }] of weights)
        data.forEach((value, i) => {
          if (binary.get(name)!.data[i] === 1) lowestKept = Math.min(lowestKept, value);
          else highestDropped = Math.max(highestDropped, value);
        });
      expect(lowestKept).toBeGreaterThanOrEqual(highestDropped);
    }
  });

  it('of equal α keeps the ones that come first', () => {
    const ones: TensorMap = new Map(
      gateParametersOf(network, masked).map(({ name, shape }) => [
        name,
        { shape, data: new Float32Array(shape[0] * shape[1] * shape[2]).fill(1) },
      ]),
    );
    const binary = binarise(network, masked, ones, { keep: 50 });
    const bits = sitesOf(network).flatMap(({ id }) => [...binary.get(`${id}.alpha`)!.data]);
    expect(bits.indexOf(0)).toBe(50);
    expect(bits.lastIndexOf(1)).toBe(49);
  });

  it('by threshold keeps what is above ε, not what equals it', () => {
    const weights: TensorMap = new Map(drawnMasks(masked, 1000));
    const site = sitesOf(network)[0].id;
    const alpha = weights.get(`${site}.alpha`)!;
    alpha.data.fill(-1);
    alpha.data.set([0.01, 0.010001, 3]);
    const binary = binarise(network, masked, weights, { epsilon: Math.fround(0.01) });
    expect(Array.from(binary.get(`${site}.alpha`)!.data.subarray(0, 4))).toEqual([0, 1, 1, 0]);
  });

  it('leaves weights, scales and shifts as they were', () => {
    const gates = gateMapOf(tinyExperiment([tinyShare, tinySnl]));
    const weights = drawnMasks(gates, 100);
    const binary = binarise(network, gates, weights, { keep: 10 });
    for (const [name, tensor] of weights) if (!name.endsWith('.alpha')) expect(binary.get(name)).toBe(tensor);
    expect(countsOfWeights(network, gates, binary).total.drelus).toBe(10);
  });

  it('over channels never exceeds the budget and takes the largest that fit', () => {
    const gates = gateMapOf(tinyExperiment([{ ...tinySnl, granularity: 'channel' }], tinyPhase(1)));
    const weights = drawnMasks(gates, 1000);
    const binary = binarise(network, gates, weights, { keep: 40 });
    const kept = keptDrelus(network, gates, binary, 0.5);
    // Channels have 16 or 4 DReLUs: every multiple of 4 can be reached.
    expect(kept).toBe(40);
  });
});
