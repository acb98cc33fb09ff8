/** Runs with random masks: exactly the budget stays, by the seed, alone and on top of other methods, and the files say so. */
import { describe, expect, it } from 'vitest';
import { budgetOf, gateMapOf } from '../../domain/composition.ts';
import type { Experiment, Method } from '../../domain/experiment.ts';
import { parseMasks } from '../../domain/masksFile.ts';
import type { RandomMethod } from '../../domain/methods/random.ts';
import { tinyExperiment, tinyPhase, tinyShare, rehearse } from '../testing.ts';
import { exportMasks } from '../exportMasks.ts';
import { importMasks } from '../importMasks.ts';
import type { FinishedRun } from '../trainer.ts';

const random = (more: Partial<RandomMethod> = {}): RandomMethod => ({
  name: 'random',
  budget: { kind: 'count', drelus: 31 },
  granularity: 'pixel',
  proportions: null,
  distillation: null,
  finetune: tinyPhase(2),
  ...more,
});
const deepreduce: Method = {
  name: 'deepreduce',
  cull: [2],
  thin: [],
  thinKeeps: 'first',
  train: tinyPhase(1),
  distillation: null,
};

async function finished(experiment: Experiment, start?: FinishedRun): Promise<FinishedRun> {
  const outcome = await rehearse(experiment, start ? { start: { ...start, denseTestAccuracy: null } } : {}).outcome;
  if (outcome.status !== 'done') throw new Error(`The run ended as ${outcome.status}.`);
  return outcome.finished;
}
const masksOf = async (run: FinishedRun) => (await exportMasks(run, '2026-01-01T00:00:00Z')).masks;
const bitsOf = async (run: FinishedRun) => parseMasks(await masksOf(run)).trained;

describe('random masks', () => {
  it.each<[string, Method[], number]>([
    ['alone', [random()], 31],
    ['as a share', [random({ budget: { kind: 'share', share: 0.5 } })], 60],
    ['by channel', [random({ granularity: 'channel' })], 28],
    ['after culling', [random({ budget: { kind: 'share', share: 0.25 } }), deepreduce], 24],
    ['over shared gates', [random({ budget: { kind: 'share', share: 0.5 } }), tinyShare], 20],
  ])('%s keep exactly the budget', async (_, methods, kept) => {
    const experiment = tinyExperiment(methods);
    const run = await finished(experiment);
    expect(run.result.drelus).toBe(kept);
    expect(run.gates).toEqual(gateMapOf(experiment));
    const read = parseMasks(await masksOf(run));
    expect(read.counts.total.drelus).toBe(kept);
    expect(read.about.method.budget).toBe(budgetOf(experiment)?.drelus);
  });

  it('follow the seed', async () => {
    const of = (seed: number) => finished(tinyExperiment([random()], tinyPhase(1), { seed })).then(bitsOf);
    expect(await of(1)).toEqual(await of(1));
    expect(await of(1)).not.toEqual(await of(2));
  });

  it('take their distribution over the layers from the experiment', async () => {
    const proportions = { 'layer1.0.gate1': 4, 'layer1.0.gate2': 2, 'layer2.0.gate1': 0, 'layer2.0.gate2': 1 };
    const run = await finished(tinyExperiment([random({ budget: { kind: 'count', drelus: 14 }, proportions })]));
    const { counts } = parseMasks(await masksOf(run));
    expect(counts.sites.map(({ drelus }) => drelus)).toEqual([8, 4, 0, 2]);
  });

  it('say what they changed, and where there is nothing to remove', async () => {
    const all = rehearse(tinyExperiment([random({ budget: { kind: 'count', drelus: 500 } })]));
    await all.outcome;
    expect(all.trainer.state.history.warnings).toEqual([
      'The budget of 500 DReLUs keeps all 120: no DReLUs are removed at random.',
    ]);
    const some = rehearse(tinyExperiment([random()]));
    await some.outcome;
    expect(some.trainer.state.history.warnings).toEqual([]);
    expect(some.trainer.state.history.switches).toMatchObject([{ what: 'random masks', detail: '31 kept' }]);
    expect(some.trainer.state.history.phases.map(({ id }) => id)).toEqual(['dense', 'random-finetune']);
  });

  it('survive export and import, and a second draw keeps only what the first one kept', async () => {
    const first = await finished(tinyExperiment([random({ budget: { kind: 'count', drelus: 60 } })]));
    const files = await exportMasks(first, '2026-01-01T00:00:00Z');
    const back = await importMasks(files.masks, files.weights);
    expect(Object.values(back.gates).every(({ kind }) => kind === 'mask')).toBe(true);
    const again = tinyExperiment([random({ budget: { kind: 'count', drelus: 20 } })], tinyPhase(0), { seed: 3 });
    const second = await finished(again, { ...first, ...back });
    const [before, after] = [await bitsOf(first), await bitsOf(second)];
    for (const [site, { kept }] of Object.entries(after))
      kept!.forEach((bit, i) => expect(bit).toBeLessThanOrEqual(before[site].kept![i]));
    expect(second.result.drelus).toBe(20);
  });
});
