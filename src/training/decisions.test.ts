/**
 * What the trainer tells the engine to do, seen by an engine that writes down every step: which phases distil and from whom, the
 * micro-batch, which weights a phase keeps, when checkpoints are written, and what counts as training time.
 */
import { describe, expect, it } from 'vitest';
import { DISTILLATION } from '../domain/phase.ts';
import type { Experiment, Method } from '../domain/experiment.ts';
import type { EngineSettings, StepSettings, TensorMap } from '../engine/api.ts';
import { FakeEngine } from './fakeEngine.ts';
import type { FinishedRun, RunOutcome } from './options.ts';
import { rehearse, tinyData, tinyExperiment, tinyPhase, tinyShare, tinySnl, type RehearsalOptions } from './testing.ts';

/** What an engine was created and used with. */
interface Use {
  settings: EngineSettings;
  steps: StepSettings[];
  teacher: TensorMap | null;
}

class WatchedEngine extends FakeEngine {
  constructor(
    settings: EngineSettings,
    private readonly use: Use,
  ) {
    super(settings);
  }
  override step(at: number, settings: StepSettings): void {
    this.use.steps.push(settings);
    super.step(at, settings);
  }
  override setTeacher(weights: TensorMap): void {
    this.use.teacher = weights;
    super.setTeacher(weights);
  }
}

function finishedOf(outcome: RunOutcome): FinishedRun {
  if (outcome.status !== 'done') throw outcome.status === 'failed' ? outcome.error : new Error(outcome.status);
  return outcome.finished;
}

/** Runs an experiment; one `Use` for each phase, in order. */
async function watched(experiment: Experiment, options: RehearsalOptions = {}) {
  const uses: Use[] = [];
  const { outcome, trainer, events } = rehearse(experiment, {
    createEngine: (settings) => {
      const use: Use = { settings, steps: [], teacher: null };
      uses.push(use);
      return new WatchedEngine(settings, use);
    },
    ...options,
  });
  const finished = finishedOf(await outcome);
  return { uses, finished, history: trainer.state.history, state: trainer.state, events };
}

const plain = (weights: TensorMap) => [...weights].map(([name, { data }]) => [name, [...data]]);

describe('distillation', () => {
  const distilling: Method = { ...tinySnl, distillation: DISTILLATION };

  it('is on in every step of the phases whose method asks for it, and in no other', async () => {
    const { uses, history } = await watched(tinyExperiment([{ ...tinyShare, distillation: null }, distilling]));
    const distils = uses.map(({ steps }) => [...new Set(steps.map(({ distillation }) => distillation))]);
    expect(history.phases.map(({ id }, i) => [id, distils[i]])).toEqual([
      ['dense', [null]],
      ['deepshare-soft', [null]],
      ['deepshare-hard', [null]],
      ['snl-masks', [DISTILLATION]],
      ['snl-finetune', [DISTILLATION]],
    ]);
    expect(uses.map(({ settings }) => settings.teacher)).toEqual([false, false, false, true, true]);
  });

  it('has the dense network as its teacher, with the weights that dense training kept', async () => {
    const experiment = tinyExperiment([distilling]);
    const { uses } = await watched(experiment);
    const dense = await watched({ ...experiment, methods: [] });
    expect(plain(uses[1].teacher!)).toEqual(plain(dense.finished.weights));
    expect(plain(uses[2].teacher!)).toEqual(plain(dense.finished.weights));
  });

  it('is off without a teacher', async () => {
    const { uses } = await watched(tinyExperiment([distilling], tinyPhase(0)));
    expect(uses.every(({ teacher, steps }) => !teacher && steps.every(({ distillation }) => !distillation))).toBe(true);
  });
});

describe('micro-batches', () => {
  const withMicroBatch = (microBatch: number | null) =>
    tinyExperiment([], tinyPhase(1), { engine: { f16: false, microBatch } });

  it.each([
    [2, 2],
    [1, 1],
    [4, undefined],
    [6, undefined],
    [null, undefined],
  ])('of %s images cut the batch of 4 into parts of %s', async (microBatch, expected) => {
    const { uses } = await watched(withMicroBatch(microBatch));
    expect(uses[0].settings.microBatch).toBe(expected);
    expect(uses[0].settings.batch).toBe(4);
  });

  it('are named in the run’s warnings, since batch normalization sees the part and not the batch', async () => {
    const warnings = async (microBatch: number) => (await watched(withMicroBatch(microBatch))).history.warnings;
    expect(await warnings(2)).toContainEqual(expect.stringContaining('the statistics of each micro-batch'));
    expect(await warnings(4)).not.toContainEqual(expect.stringContaining('micro-batch'));
  });

  it('that do not divide the batch are refused by name', async () => {
    const outcome = await rehearse(withMicroBatch(3)).outcome;
    expect(outcome).toMatchObject({
      status: 'failed',
      error: {
        name: 'PlanError',
        message: 'engine.microBatch 3 does not divide the batch of 4 (Dense training).',
      },
    });
  });
});

describe('the kept epoch', () => {
  const none = new Uint32Array();

  it('is the last one without a validation split, and the run says so', async () => {
    const { finished, history } = await watched(tinyExperiment([], tinyPhase(5)), {
      data: { ...tinyData, validation: none },
    });
    expect(finished.result.selected).toEqual({ phase: 'dense', epoch: 4, by: 'last' });
    expect(finished.result.validationAccuracy).toBeNull();
    expect(history.warnings).toContain('There is no validation split: the last epoch of each phase is kept.');
  });

  it('is the last one under the paper protocol without test images', async () => {
    const { finished } = await watched(tinyExperiment([], tinyPhase(5), { selection: 'paper' }), {
      data: { ...tinyData, test: none },
    });
    expect(finished.result.selected).toEqual({ phase: 'dense', epoch: 4, by: 'last' });
    expect(finished.result.testAccuracy).toBeNull();
  });
});

describe('a phase of no epochs', () => {
  it('still gives a network whose accuracies are measured', async () => {
    const { finished, history } = await watched(tinyExperiment([{ ...tinySnl, finetune: tinyPhase(0) }]));
    const { result } = finished;
    expect(result.selected).toEqual({ phase: 'snl-finetune', epoch: 0, by: 'last' });
    expect(history.epochs.some(({ phase }) => phase === 'snl-finetune')).toBe(false);
    const engine = new FakeEngine({ network: finished.experiment.network, gates: finished.gates, batch: 4 });
    engine.setWeights(finished.weights);
    expect(result.validationAccuracy).toBe((await engine.evaluate(tinyData.validation)).accuracy);
    expect(result.testAccuracy).toBe((await engine.evaluate(tinyData.test)).accuracy);
  });
});

describe('SNL', () => {
  it('trains no masks where the budget keeps all DReLUs', async () => {
    const { uses, history, finished } = await watched(
      tinyExperiment([{ ...tinySnl, budget: { kind: 'count', drelus: 120 } }]),
    );
    expect(uses.map(({ steps }) => steps.length)).toEqual([20, 0, 20]);
    expect(history.epochs.map(({ phase }) => phase)).toEqual(['dense', 'dense', 'snl-finetune', 'snl-finetune']);
    expect(finished.result.drelus).toBe(120);
    expect(history.warnings).toContainEqual(expect.stringContaining('keeps all 120: SNL removes none'));
  });

  it('trains masks where the budget is one DReLU below what there is', async () => {
    const { uses } = await watched(tinyExperiment([{ ...tinySnl, budget: { kind: 'count', drelus: 119 } }]));
    expect(uses[1].steps.length).toBeGreaterThan(0);
  });

  it('says how many masks below ε fill a budget that λ has passed', async () => {
    // All α fall together: at the check after which the stage ends, none is above ε.
    const steep: Method = { ...tinySnl, maskLearningRate: 0.5, checkEverySteps: 5, binarise: 'exact' };
    const { history, events } = await watched(tinyExperiment([steep]));
    expect(history.switches).toMatchObject([{ what: 'masks binarized', detail: '30 kept, of which 30 were below ε' }]);
    expect(events).toContainEqual(expect.objectContaining({ type: 'switch', detail: history.switches[0].detail }));
  });

  it('only says how many are kept where all of them were above ε', async () => {
    const { history } = await watched(tinyExperiment([{ ...tinySnl, maxEpochs: 1, maskLearningRate: 1e-6 }]));
    expect(history.switches).toMatchObject([{ detail: '30 kept' }]);
  });
});

describe('checkpoints', () => {
  /** Checkpoints of a dense run of two epochs of 10 steps, on a clock that only moves with the steps: 1 s each. */
  async function written(checkpointSeconds: number): Promise<number> {
    let clock = 1e6;
    let count = 0;
    await watched(tinyExperiment([]), {
      now: () => clock,
      checkpointSeconds,
      createEngine: (settings) => {
        const engine = new FakeEngine(settings);
        const step = engine.step.bind(engine);
        engine.step = (at, given) => {
          clock += 1000;
          step(at, given);
        };
        return engine;
      },
      storage: {
        write: () => {
          count++;
          return Promise.resolve();
        },
      },
    });
    return count;
  }

  it('are written at the start, after an epoch and after a phase', async () => {
    expect(await written(100)).toBe(3);
  });

  it('hold training up for at most 1% of the time', async () => {
    // Reading the tensors back takes 2 s here, so a checkpoint is worth it every 200 s.
    let clock = 0;
    const taken: number[] = [];
    class Slow extends FakeEngine {
      override step(...given: Parameters<FakeEngine['step']>): void {
        clock += 10_000;
        super.step(...given);
      }
      override weights(): Promise<TensorMap> {
        clock += 2000;
        return super.weights();
      }
    }
    // 30 steps of 10 s per epoch, in stretches of 16.
    await watched(tinyExperiment([], { ...tinyPhase(4), batch: 1 }), {
      now: () => clock,
      checkpointSeconds: 1,
      createEngine: (settings) => new Slow(settings),
      storage: {
        write: (_, { epoch, stepInEpoch }) => {
          if (epoch < 4 && stepInEpoch > 0) taken.push(40 * epoch + stepInEpoch);
          return Promise.resolve();
        },
      },
    });
    expect(taken.length).toBeGreaterThan(1);
    taken.forEach((step, i) => i > 0 && expect(step - taken[i - 1]).toBeGreaterThanOrEqual(20));
  });

  it('are written within an epoch too once the interval has passed', async () => {
    // Stretches end after steps 4, 8 and 10 of an epoch; 7 s have passed at 8.
    expect(await written(7)).toBe(5);
  });
});

describe('training time', () => {
  /** Seconds of a dense run on a clock that moves by 1 s per step, and by an hour in each pause. */
  async function secondsOf(pauses: number): Promise<{ total: number; epochs: number[] }> {
    let clock = 0;
    let left = pauses;
    const { state, history } = await watched(tinyExperiment([]), {
      now: () => clock,
      paused: pauses > 0,
      onEvent: (event, trainer) => {
        if (event.type !== 'status' || event.status !== 'paused') return;
        clock += 3_600_000;
        if (--left > 0) trainer.step();
        else trainer.resume();
      },
      createEngine: (settings) => {
        const engine = new FakeEngine(settings);
        const step = engine.step.bind(engine);
        engine.step = (at, given) => {
          clock += 1000;
          step(at, given);
        };
        return engine;
      },
    });
    return { total: state.seconds, epochs: history.epochs.map(({ seconds }) => seconds) };
  }

  it('is the time of steps and evaluations', async () => {
    expect(await secondsOf(0)).toEqual({ total: 20, epochs: [10, 10] });
  });

  it('does not count pauses, nor the waits between single steps', async () => {
    expect(await secondsOf(1)).toEqual({ total: 20, epochs: [10, 10] });
    expect(await secondsOf(14)).toEqual({ total: 20, epochs: [10, 10] });
  });
});
