import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import { experimentSchema } from '../../domain/experiment.ts';
import { presetOf } from '../../domain/presets.ts';
import type { QueueEntry } from '../stores/queue.ts';
import { criticalityResults } from './criticalityResults.ts';
import { criticalityExperiments, startingSettings } from './criticalityRuns.ts';
import { nextMove } from './queueMoves.ts';
import type { Surroundings } from './queueMoves.ts';

const base = presetOf('snl-quick');
const settings = { ...startingSettings(base), epochs: 3, trainImages: 500 };
const experiments = criticalityExperiments(base, settings);

describe('the experiments that measure criticality', () => {
  it('are valid, one a stage, with ReLUs in that stage only', () => {
    expect(experiments.map(({ stage }) => stage)).toEqual([1, 2, 3, 4]);
    for (const { stage, experiment } of experiments) {
      expect(experimentSchema.parse(experiment)).toEqual(experiment);
      const { stages, total } = countsOf(experiment.network, gateMapOf(experiment));
      expect(stages[stage].drelus).toBe(countsOf(base.network).stages[stage].drelus);
      expect(total.drelus).toBe(stages[stage].drelus);
    }
  });

  it('differ in nothing but the stage and the name', () => {
    const rest = experiments.map(({ experiment }) => {
      const [method] = experiment.methods;
      return { ...experiment, name: '', methods: [{ ...method, cull: [] }] };
    });
    for (const experiment of rest) expect(experiment).toEqual(rest[0]);
    expect(rest[0].dense.epochs).toBe(0);
  });

  it('silence the stem gate too, and suit any number of stages', () => {
    const network = { ...base.network, stemGate: true, blocks: [1, 2], widths: [8, 16] };
    for (const { stage, experiment } of criticalityExperiments({ ...base, network }, settings)) {
      const { stages } = countsOf(experiment.network, gateMapOf(experiment));
      expect(stages.filter((s) => s.drelus > 0).map((s) => s.stage)).toEqual([stage]);
    }
  });
});

const entry = (stage: number, change: Partial<QueueEntry> = {}): QueueEntry => ({
  stage,
  experiment: experiments[stage - 1].experiment,
  run: null,
  state: 'waiting',
  message: null,
  ...change,
});
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  going: true,
  busy: false,
  current: null,
  runs: [],
  ...change,
});
const hand = (id: string, status: NonNullable<Surroundings['current']>['status'], message?: string) => ({
  id,
  status,
  error: message ? { message } : null,
});

describe('the queue', () => {
  it('starts the first that waits, and only when nothing else is trained', () => {
    const entries = [entry(1, { state: 'done', run: 'a' }), entry(2), entry(3)];
    expect(nextMove(entries, around())).toMatchObject({ kind: 'start', entry: { stage: 2 } });
    expect(nextMove(entries, around({ current: hand('x', 'running') })).kind).toBe('wait');
    expect(nextMove(entries, around({ current: hand('x', 'paused') })).kind).toBe('wait');
    expect(nextMove(entries, around({ current: hand('x', 'done') })).kind).toBe('start');
    expect(nextMove(entries, around({ busy: true })).kind).toBe('wait');
    expect(nextMove(entries, around({ going: false })).kind).toBe('wait');
  });

  it('follows its run to the end and tells why it failed', () => {
    const entries = [entry(1, { state: 'running', run: 'a' }), entry(2)];
    expect(nextMove(entries, around({ current: hand('a', 'running') })).kind).toBe('wait');
    expect(nextMove(entries, around({ current: hand('a', 'done') }))).toMatchObject({ kind: 'end', state: 'done' });
    expect(nextMove(entries, around({ current: hand('a', 'failed', 'The loss is not finite.') }))).toMatchObject({
      kind: 'end',
      state: 'failed',
      message: 'The loss is not finite.',
    });
    // Even a queue that was told to stop notes how its run ended.
    expect(nextMove(entries, around({ going: false, current: hand('a', 'stopped') }))).toMatchObject({
      kind: 'end',
      state: 'stopped',
    });
  });

  it('takes up an interrupted run after a reload, and starts anew what is gone', () => {
    const entries = [entry(1, { state: 'running', run: 'a' }), entry(2)];
    expect(nextMove(entries, around({ runs: null })).kind).toBe('wait');
    expect(nextMove(entries, around({ going: false, runs: [{ id: 'a', status: 'interrupted' }] })).kind).toBe('wait');
    expect(nextMove(entries, around({ runs: [{ id: 'a', status: 'interrupted' }] }))).toMatchObject({
      kind: 'resume',
      run: 'a',
    });
    expect(nextMove(entries, around({ runs: [{ id: 'a', status: 'done' }] }))).toMatchObject({
      kind: 'end',
      state: 'done',
    });
    expect(nextMove(entries, around({ runs: [] }))).toMatchObject({ kind: 'again' });
  });

  it('is finished when nothing waits', () => {
    expect(nextMove([entry(1, { state: 'done', run: 'a' })], around()).kind).toBe('finish');
  });
});

describe('results', () => {
  const done = [1, 2, 3, 4].map((stage) => entry(stage, { state: 'done', run: `r${stage}` }));
  const summary = (id: string, validation: number | null, test: number) => ({
    id,
    status: 'done' as const,
    validationAccuracy: validation,
    testAccuracy: test,
  });

  it('rank once every stage is measured', () => {
    const runs = [
      summary('r1', 0.2, 0.21),
      summary('r2', 0.6, 0.61),
      summary('r3', 0.7, 0.71),
      summary('r4', 0.4, 0.39),
    ];
    const { ranking, split } = criticalityResults(done, runs);
    expect(split).toBe('validation');
    expect(ranking!.map(({ stage }) => stage)).toEqual([3, 2, 4, 1]);
    expect(ranking![0].criticality).toBe(1);
    expect(ranking![3].criticality).toBe(0);
    expect(criticalityResults(done, runs.slice(1)).ranking).toBeNull();
    expect(criticalityResults([], []).ranking).toBeNull();
  });

  it('never mix validation and test', () => {
    const runs = [
      summary('r1', null, 0.21),
      summary('r2', 0.6, 0.11),
      summary('r3', 0.7, 0.71),
      summary('r4', 0.4, 0.39),
    ];
    const { split, stages } = criticalityResults(done, runs);
    expect(split).toBe('test');
    expect(stages.map((stage) => stage.accuracy)).toEqual([0.21, 0.11, 0.71, 0.39]);
  });
});
