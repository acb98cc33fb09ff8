/** Planned phases: their order, gates, teachers and warnings, and the example experiments. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../domain/composition.ts';
import { countsOf } from '../domain/counting.ts';
import { experimentSchema } from '../domain/experiment.ts';
import { DISTILLATION } from '../domain/phase.ts';
import { phaseInfos, planPhases, stepsPerEpoch } from './plan.ts';
import { rehearse, tinyExperiment, tinyPhase, tinyShare, tinySnl } from './testing.ts';

const ids = (...args: Parameters<typeof tinyExperiment>) =>
  planPhases(tinyExperiment(...args)).map(({ info }) => info.id);
const deepreduce = {
  name: 'deepreduce',
  cull: [1],
  thin: [],
  thinKeeps: 'second',
  train: tinyPhase(1),
  distillation: DISTILLATION,
} as const;
const reuse = { name: 'reuse', groups: 2, train: tinyPhase(1), distillation: null } as const;

describe('phases', () => {
  it('stand in the methods’ order, whatever order the file has', () => {
    expect(ids([tinySnl, tinyShare, { ...deepreduce, cull: [1], thin: [] }])).toEqual([
      'dense',
      'deepreduce',
      'deepshare-soft',
      'deepshare-hard',
      'snl-masks',
      'snl-finetune',
    ]);
    expect(ids([tinySnl, reuse])).toEqual(['dense', 'reuse', 'snl-masks', 'snl-finetune']);
  });

  it('leave out dense training and the soft gate where they have no epochs', () => {
    expect(ids([{ ...tinyShare, soft: tinyPhase(0) }], tinyPhase(0))).toEqual(['deepshare-hard']);
  });

  it('must train something', () => {
    expect(() => planPhases(tinyExperiment([], tinyPhase(0)))).toThrow('The experiment trains nothing');
  });

  it('tell steps an epoch without the last incomplete batch, and refuse a batch that is too large', () => {
    expect(stepsPerEpoch(103, 10, 'x')).toBe(10);
    expect(() => stepsPerEpoch(9, 10, 'Dense training')).toThrow('Dense training: a batch of 10');
    expect(phaseInfos(planPhases(tinyExperiment([])), 41)[0].stepsPerEpoch).toBe(10);
  });
});

describe('gates of compositions', () => {
  it('cull, then share, then mask the prototypes that are left', async () => {
    const experiment = tinyExperiment([tinySnl, tinyShare, { ...deepreduce, cull: [1], thin: [] }]);
    const { outcome, trainer } = rehearse(experiment);
    expect((await outcome).status).toBe('done');
    const { gates } = trainer.state;
    expect(gates['layer1.0.gate1'].kind).toBe('identity');
    expect(gates['layer2.0.gate1']).toMatchObject({ kind: 'share', masked: true });
    expect(gates).toEqual(gateMapOf(experiment));
    expect(trainer.state.kept?.selected.phase).toBe('snl-finetune');
  });

  it('measure what a switch costs: before and after the gate is hard, and the masks binary', async () => {
    const { outcome, trainer } = rehearse(tinyExperiment([tinyShare, tinySnl]));
    await outcome;
    expect(trainer.state.history.switches.map(({ what }) => what)).toEqual([
      'switched to hard gates',
      'prototype masks binarized',
    ]);
    for (const { before, after } of trainer.state.history.switches)
      expect([before?.images, after?.images]).toEqual([10, 10]);
  });

  it('distil from the dense network, or say that there is none', async () => {
    const withTeacher = rehearse(tinyExperiment([{ ...tinyShare, distillation: DISTILLATION }]));
    await withTeacher.outcome;
    expect(withTeacher.trainer.state.history.warnings).toEqual([]);
    const without = rehearse(tinyExperiment([{ ...tinyShare, distillation: DISTILLATION }], tinyPhase(0)));
    await without.outcome;
    expect(without.trainer.state.history.warnings).toEqual([
      'DeepShare, soft gate: no network was trained before that could be the teacher, so there is no distillation.',
    ]);
  });

  it('choose farthest prototypes only on a trained network', async () => {
    const { outcome } = rehearse(tinyExperiment([{ ...tinyShare, choice: 'farthest' }], tinyPhase(0)));
    expect(await outcome).toMatchObject({ status: 'failed', error: { name: 'PlanError' } });
  });

  it('keep the budget where the mask stage runs out of epochs, and say so', async () => {
    const { outcome, trainer } = rehearse(
      tinyExperiment([{ ...tinySnl, maxEpochs: 1, maskLearningRate: 1e-6, binarise: 'threshold' }]),
    );
    expect(await outcome).toMatchObject({ status: 'done', finished: { result: { drelus: 30 } } });
    expect(trainer.state.history.warnings[0]).toContain('ended at 120 DReLUs, above the budget of 30');
  });
});

describe('examples', () => {
  const folder = new URL('../../examples/', import.meta.url);
  it.each(readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('sweep-')))(
    '%s is an experiment that can be planned',
    (name) => {
      const experiment = experimentSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8')));
      const images = experiment.dataset.trainImages ?? 50_000;
      expect(
        phaseInfos(planPhases(experiment), images * (1 - experiment.dataset.validationShare)).length,
      ).toBeGreaterThan(0);
      expect(countsOf(experiment.network, gateMapOf(experiment)).total.drelus).toBeGreaterThan(0);
    },
  );
});
