/** What each method's phases tell the engine, and which epoch's weights they pass on. */
import { describe, expect, it } from 'vitest';
import { gateStagesOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import type { Method } from '../../domain/experiment.ts';
import { DISTILLATION } from '../../domain/phase.ts';
import type { StepSettings, TensorMap } from '../../engine/api.ts';
import { binarise, keptDrelus } from '../binarise.ts';
import { FakeEngine } from '../fakeEngine.ts';
import { rehearse, tinyExperiment, tinyPhase, tinyShare, tinySnl } from '../testing.ts';

/** An engine that notes what it was told, and the weights that its first step began with. */
class NotingEngine extends FakeEngine {
  readonly steps: StepSettings[] = [];
  began: TensorMap | null = null;
  #given: TensorMap = new Map();

  override step(at: number, settings: StepSettings): void {
    this.began ??= this.#given;
    this.steps.push(settings);
    super.step(at, settings);
  }
  override setWeights(weights: TensorMap): void {
    super.setWeights(weights);
    // The base class sets weights before this class has its fields.
    if (weights.size > 0) this.#given = weights;
  }
}

async function noted(methods: Method[], dense = tinyPhase(2)) {
  const experiment = tinyExperiment(methods, dense);
  const engines = new Map<string, NotingEngine>();
  let phase = '';
  const { outcome, trainer } = rehearse(experiment, {
    createEngine: (settings) => {
      const engine = new NotingEngine(settings);
      engines.set((phase = trainer.state.history.phases[trainer.state.phase].id), engine);
      return engine;
    },
  });
  const ended = await outcome;
  if (ended.status !== 'done') throw new Error(`${phase}: ${ended.status}`);
  return { experiment, engines, finished: ended.finished, history: trainer.state.history };
}

const train = { ...tinyPhase(8), optimizer: { ...tinyPhase(8).optimizer, weightDecay: 5e-4 } };

describe('the mask stage', () => {
  it('trains weights, masks and affines with Adam and without weight decay', async () => {
    const { engines } = await noted([tinyShare, { ...tinySnl, distillation: DISTILLATION }]);
    const { steps } = engines.get('snl-masks')!;
    for (const settings of steps)
      expect(settings).toMatchObject({
        optimizer: { kind: 'adam', weightDecay: 0 },
        learningRate: tinySnl.learningRate,
        maskLearningRate: tinySnl.maskLearningRate,
        trainMasks: true,
        trainAffine: true,
        soft: null,
        distillation: DISTILLATION,
      });
    expect(steps[0].lambda).toBe(tinySnl.lambda);
  });

  it('passes on its last state, not its best epoch', async () => {
    const { experiment, engines } = await noted([{ ...tinySnl, binarise: 'threshold', finetune: train }]);
    const { network } = experiment;
    const masks = engines.get('snl-masks')!;
    const after = await masks.weights();
    const { began } = engines.get('snl-finetune')!;
    const expected = binarise(network, masks.settings.gates, after, { epsilon: tinySnl.epsilon });
    const budget = Math.floor((tinySnl.budget.kind === 'share' ? tinySnl.budget.share : 0) * 120);
    expect(keptDrelus(network, masks.settings.gates, after, tinySnl.epsilon)).toBeLessThanOrEqual(budget);
    for (const [name, { data }] of expected) expect([name, [...began!.get(name)!.data]]).toEqual([name, [...data]]);
  });
});

describe('phases that train on', () => {
  const cases: [string, Method[], string][] = [
    ['dense', [], 'dense'],
    [
      'DeepReDuce',
      [{ name: 'deepreduce', cull: [1], thin: [], thinKeeps: 'first', train, distillation: null }],
      'deepreduce',
    ],
    ['ReLU-reuse', [{ name: 'reuse', groups: 3, train, distillation: null }], 'reuse'],
    ['DeepShare', [{ ...tinyShare, hard: train }], 'deepshare-hard'],
    ['SNL', [{ ...tinySnl, finetune: train }], 'snl-finetune'],
  ];

  it.each(cases)(
    '%s: the best validation epoch is kept, affines are trained and masks are not',
    async (_, methods, id) => {
      const { engines, finished, history } = await noted(methods, methods.length === 0 ? train : tinyPhase(2));
      const own = history.epochs.filter(({ phase }) => phase === id);
      const [best] = own.toSorted(
        (a, b) => b.validation!.accuracy - a.validation!.accuracy || a.validation!.loss - b.validation!.loss,
      );
      expect(finished.result.selected).toEqual({ phase: id, epoch: best.epoch, by: 'validation' });
      const engine = engines.get(id)!;
      expect(engine.steps).toHaveLength(80);
      for (const settings of engine.steps)
        expect(settings).toMatchObject({
          optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 5e-4 },
          lambda: 0,
          trainMasks: false,
          trainAffine: true,
          soft: null,
        });
    },
  );

  it('the best epoch is not the last one in some of these', async () => {
    const epochs = await Promise.all(
      cases.map(async ([, methods]) => (await noted(methods, methods.length === 0 ? train : tinyPhase(2))).finished),
    );
    expect(epochs.some(({ result }) => result.selected.epoch < 7)).toBe(true);
  });
});

describe('a budget that is a share', () => {
  it.each<[string, Method[]]>([
    ['culled sites', [{ name: 'deepreduce', cull: [2], thin: [], thinKeeps: 'first', train, distillation: null }]],
    ['shared gates', [tinyShare]],
  ])('is of the DReLUs that the gates had before the masks: %s', async (_, before) => {
    const snl: Method = { ...tinySnl, budget: { kind: 'share', share: 0.35 }, maxEpochs: 1, binarise: 'exact' };
    const { experiment, finished } = await noted([...before, snl]);
    const gates = gateStagesOf(experiment).at(-2)!.gates;
    expect(finished.result.drelus).toBe(Math.floor(0.35 * countsOf(experiment.network, gates).total.drelus));
  });
});
