/** Whole runs on the fake engine: what they keep, and that an interruption anywhere changes nothing. */
import { describe, expect, it } from 'vitest';
import { DISTILLATION } from '../domain/phase.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { TensorMap } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import type { EpochRecord, RunEvent } from './events.ts';
import { FakeEngine } from './fakeEngine.ts';
import { rehearse, tinyData, tinyExperiment, tinyPhase, tinyShare, tinySnl } from './testing.ts';
import type { FinishedRun, RunOutcome, Trainer } from './trainer.ts';
import { Trainer as Runner } from './trainer.ts';

/** An epoch's record without what depends on the clock. */
const timeless = ({ seconds: _, ...record }: EpochRecord) => record;
const epochsOf = (trainer: Trainer) => trainer.state.history.epochs.map(timeless);
const plain = (weights: TensorMap) => [...weights].map(([name, { data }]) => [name, [...data]]);

function finishedOf(outcome: RunOutcome): FinishedRun {
  if (outcome.status !== 'done') throw outcome.status === 'failed' ? outcome.error : new Error(outcome.status);
  return outcome.finished;
}

const EXPERIMENTS: Record<string, Experiment> = {
  dense: tinyExperiment([]),
  snl: tinyExperiment([tinySnl]),
  'snl counted by epochs': tinyExperiment([{ ...tinySnl, checkEverySteps: null, lambdaHold: 1 }]),
  'sharing from scratch': tinyExperiment([tinyShare], tinyPhase(0)),
  'snl over sharing': tinyExperiment([{ ...tinyShare, distillation: DISTILLATION }, tinySnl]),
  'farthest prototypes': tinyExperiment([{ ...tinyShare, choice: 'farthest' }]),
  'paper protocol': tinyExperiment([tinySnl], tinyPhase(2), { selection: 'paper' }),
};

describe('a run', () => {
  it('ends every phase with a test, and no other epoch', async () => {
    const { outcome, trainer } = rehearse(EXPERIMENTS.snl);
    finishedOf(await outcome);
    const { epochs, phases } = trainer.state.history;
    expect(phases.map(({ id }) => id)).toEqual(['dense', 'snl-masks', 'snl-finetune']);
    for (const { id } of phases) {
      const own = epochs.filter(({ phase }) => phase === id);
      expect(own.map(({ test }) => test !== null)).toEqual(own.map((_, i) => i === own.length - 1));
    }
  });

  it('tests every epoch under the paper protocol and keeps the best one', async () => {
    const { outcome, trainer } = rehearse(EXPERIMENTS['paper protocol']);
    const { result } = finishedOf(await outcome);
    const own = trainer.state.history.epochs.filter(({ phase }) => phase === 'snl-finetune');
    expect(own.every(({ test }) => test !== null)).toBe(true);
    expect(result.testAccuracy).toBe(Math.max(...own.map(({ test }) => test!.accuracy)));
    expect(result.selected.by).toBe('paper');
  });

  it('keeps the weights of the best validation epoch, not the last', async () => {
    const experiment = tinyExperiment([], tinyPhase(8));
    const { outcome, trainer } = rehearse(experiment);
    const finished = finishedOf(await outcome);
    const ranked = trainer.state.history.epochs.toSorted(
      (a, b) => b.validation!.accuracy - a.validation!.accuracy || a.validation!.loss - b.validation!.loss,
    );
    expect(finished.result.selected).toEqual({ phase: 'dense', epoch: ranked[0].epoch, by: 'validation' });
    expect(finished.result.validationAccuracy).toBe(ranked[0].validation!.accuracy);
    const engine = new FakeEngine({ network: experiment.network, gates: {}, batch: 4 });
    engine.setWeights(finished.weights);
    expect(await engine.evaluate(tinyData.validation)).toEqual(ranked[0].validation);
  });

  it('drops the last incomplete batch', async () => {
    const { outcome, trainer } = rehearse(tinyExperiment([], { ...tinyPhase(1), batch: 7 }));
    finishedOf(await outcome);
    expect(trainer.state.history.epochs[0].train.images).toBe(35);
  });

  it('says that the loss is no number, and which learning rate to lower', async () => {
    const { outcome, events } = rehearse(EXPERIMENTS.dense, { faults: { divergesAt: 3 } });
    const ended = await outcome;
    expect(ended).toMatchObject({ status: 'failed', error: { name: 'DivergedError' } });
    expect(events).toContainEqual({
      type: 'failed',
      name: 'DivergedError',
      message: expect.stringContaining('Dense training, epoch 1: the loss is no longer a finite number') as string,
    });
  });

  it('names an unknown class before anything is trained', () => {
    const labels = new Uint8Array(70).fill(12);
    expect(
      () =>
        new Runner({
          experiment: EXPERIMENTS.dense,
          data: { ...tinyData, images: { ...tinyData.images, labels } },
          createEngine: (settings) => new FakeEngine(settings),
          emit: () => {},
        }),
    ).toThrow('The data has 13 classes, the network has 10');
  });
});

describe.each(Object.entries(EXPERIMENTS))('%s: the same history', (_, experiment) => {
  const whole = async () => {
    const { outcome, trainer } = rehearse(experiment);
    return { finished: finishedOf(await outcome), epochs: epochsOf(trainer), trainer };
  };

  it('from two runs', async () => {
    const [a, b] = [await whole(), await whole()];
    expect(a.epochs).toEqual(b.epochs);
    expect(plain(a.finished.weights)).toEqual(plain(b.finished.weights));
  });

  it('stopped and resumed at every event', async () => {
    const reference = await whole();
    const total = await countEvents(experiment);
    expect(total).toBeGreaterThan(10);
    const points = Array.from({ length: total }, (__, i) => i).filter((i) => i % 7 === 0 || i > total - 6);
    for (const point of points) {
      let seen = 0;
      const first = rehearse(experiment, { onEvent: (___, trainer) => seen++ === point && trainer.stop() });
      const ended = await first.outcome;
      if (ended.status === 'done') continue;
      expect(ended.status).toBe('stopped');
      const second = rehearse(experiment, { resume: first.saved() });
      const finished = finishedOf(await second.outcome);
      expect(epochsOf(second.trainer), `stopped at event ${point}`).toEqual(reference.epochs);
      expect(plain(finished.weights)).toEqual(plain(reference.finished.weights));
      expect(second.trainer.state.history.switches).toEqual(reference.trainer.state.history.switches);
    }
  });

  it('after a lost device, from the last checkpoint, with checkpoints at every stretch', async () => {
    const reference = await whole();
    for (const lostAt of [1, 6, 9, 13]) {
      const first = rehearse(experiment, { faults: { lostAt }, checkpointSeconds: 0 });
      const ended = await first.outcome;
      if (ended.status === 'done') continue;
      expect(ended).toMatchObject({ status: 'failed', error: { name: 'GpuError' } });
      const second = rehearse(experiment, { resume: first.saved() });
      const finished = finishedOf(await second.outcome);
      expect(epochsOf(second.trainer)).toEqual(reference.epochs);
      expect(plain(finished.weights)).toEqual(plain(reference.finished.weights));
    }
  });

  it('paused, stepped and resumed', async () => {
    const reference = await whole();
    let steps = 0;
    const { outcome, trainer } = rehearse(experiment, {
      paused: true,
      onEvent: (event, running) => {
        if (event.type !== 'status' || event.status !== 'paused') return;
        if (steps++ < 17) running.step();
        else running.resume();
      },
    });
    const finished = finishedOf(await outcome);
    expect(steps).toBe(18);
    expect(epochsOf(trainer)).toEqual(reference.epochs);
    expect(plain(finished.weights)).toEqual(plain(reference.finished.weights));
  });
});

async function countEvents(experiment: Experiment): Promise<number> {
  const { outcome, events } = rehearse(experiment);
  await outcome;
  return events.length;
}

describe('events', () => {
  it('tell a paused step at once, and time left only after a warm-up', async () => {
    const seen: RunEvent[] = [];
    const { outcome } = rehearse(tinyExperiment([], tinyPhase(6)), {
      paused: true,
      onEvent: (event, trainer) => {
        seen.push(event);
        if (event.type === 'status' && event.status === 'paused') {
          if (seen.filter(({ type }) => type === 'step').length < 2) trainer.step();
          else trainer.resume();
        }
      },
    });
    await outcome;
    const steps = seen.flatMap((event) => (event.type === 'step' ? [event.record.step] : []));
    expect(steps.slice(0, 2)).toEqual([1, 2]);
    const left = seen.flatMap((event) => (event.type === 'progress' ? [event.secondsLeft] : []));
    expect(left[0]).toBeNull();
    const known = left.filter((seconds) => seconds !== null);
    expect(known.length).toBeGreaterThan(0);
    expect(known.at(-1)).toBeLessThan(known[0]);
  });

  it('tell the phase’s time left while a mask stage still comes, then the run’s', async () => {
    const { outcome, events } = rehearse(tinyExperiment([tinySnl], tinyPhase(6)));
    await outcome;
    const known = events.flatMap((event) =>
      event.type === 'progress' && event.secondsLeft !== null ? [`${event.phase} ${event.leftOf}`] : [],
    );
    expect(known).toContain('dense phase');
    expect(known).not.toContain('dense run');
    expect(known.filter((text) => text.startsWith('snl-')).every((text) => text.endsWith('run'))).toBe(true);
  });

  it('never count more DReLUs than the budget in a finished SNL run', async () => {
    const { outcome } = rehearse(EXPERIMENTS.snl);
    const { experiment, gates, weights, result } = finishedOf(await outcome);
    expect(result.drelus).toBe(30);
    expect(countsOfWeights(experiment.network, gates, weights).total.drelus).toBe(30);
  });
});
