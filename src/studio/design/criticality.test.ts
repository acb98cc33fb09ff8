/** Measuring criticality: the experiments, the queue that runs them, and the ranking of the stages. */
import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import { experimentSchema } from '../../domain/experiment.ts';
import { presetOf } from '../../domain/presets.ts';
import type { QueueEntry } from '../stores/queue.ts';
import { criticalityResults } from './criticalityResults.ts';
import { criticalityExperiments, startingSettings } from './criticalityRuns.ts';
import { nextMove } from './queueMoves.ts';
import type { QueueContext } from './queueMoves.ts';
import type { RunSummary } from '../../worker/protocol.ts';

const base = presetOf('snl-quick');
const settings = { ...startingSettings(base), epochs: 3, trainImages: 500 };
const experiments = criticalityExperiments(base, settings);

describe('the experiments that measure criticality', () => {
  it('are valid, one per stage, with ReLUs in that stage only', () => {
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

  it('remove the ReLUs of the stem too, for any number of stages', () => {
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
const context = (change: Partial<QueueContext> = {}): QueueContext => ({
  going: true,
  busy: false,
  training: false,
  runs: [],
  failure: null,
  ...change,
});

describe('the queue', () => {
  it('starts the first waiting entry only while no other run is active', () => {
    const entries = [entry(1, { state: 'done', run: 'a' }), entry(2), entry(3)];
    expect(nextMove(entries, context())).toMatchObject({ kind: 'start', entry: { stage: 2 } });
    expect(nextMove(entries, context({ training: true })).kind).toBe('wait');
    expect(nextMove(entries, context({ busy: true })).kind).toBe('wait');
    expect(nextMove(entries, context({ going: false })).kind).toBe('wait');
  });

  it('follows its run to the end and reports why it failed', () => {
    const entries = [entry(1, { state: 'running', run: 'a' }), entry(2)];
    const runs = (status: RunSummary['status']) => [{ id: 'a', status }];
    expect(nextMove(entries, context({ training: true, runs: runs('running') })).kind).toBe('wait');
    expect(nextMove(entries, context({ training: true, runs: runs('paused') })).kind).toBe('wait');
    expect(nextMove(entries, context({ runs: runs('done') }))).toMatchObject({ kind: 'end', state: 'done' });
    const failure = { run: 'a', message: 'The loss is not finite.' };
    expect(nextMove(entries, context({ runs: runs('failed'), failure }))).toMatchObject({
      kind: 'end',
      state: 'failed',
      message: 'The loss is not finite.',
    });
    // A queue that was stopped still records how its run ended.
    expect(nextMove(entries, context({ going: false, runs: runs('stopped') }))).toMatchObject({
      kind: 'end',
      state: 'stopped',
      message: null,
    });
  });

  it('resumes an interrupted run after a reload, and waits again where the run was removed', () => {
    const entries = [entry(1, { state: 'running', run: 'a' }), entry(2)];
    const interrupted = [{ id: 'a', status: 'interrupted' as const }];
    expect(nextMove(entries, context({ runs: null })).kind).toBe('wait');
    expect(nextMove(entries, context({ going: false, runs: interrupted })).kind).toBe('wait');
    expect(nextMove(entries, context({ training: true, runs: interrupted })).kind).toBe('wait');
    expect(nextMove(entries, context({ runs: interrupted }))).toMatchObject({ kind: 'resume', run: 'a' });
    expect(nextMove(entries, context({ runs: [] }))).toMatchObject({ kind: 'again' });
  });

  it('finishes when no entry waits', () => {
    expect(nextMove([entry(1, { state: 'done', run: 'a' })], context()).kind).toBe('finish');
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
