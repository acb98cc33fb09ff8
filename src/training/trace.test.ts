/** The trace of a run: what it says, and that a traced run gives the same result as one that is not. */
import { describe, expect, it } from 'vitest';
import { gatherReference } from '../engine/augment.ts';
import type { EngineSettings, StepSettings, TensorMap } from '../engine/api.ts';
import { DISTILLATION } from '../domain/phase.ts';
import type { Experiment } from '../domain/experiment.ts';
import { FakeEngine } from './fakeEngine.ts';
import type { FinishedRun, RunOutcome } from './options.ts';
import { epochOrder } from './seeds.ts';
import { rehearse, tinyData, tinyExperiment, tinyPhase, tinyShare, tinySnl, type RehearsalOptions } from './testing.ts';
import {
  traceLinesUpTo,
  type TracedCheck,
  type TracedPhase,
  type TracedPhaseEnd,
  type TracedStep,
  type TraceWriter,
} from './trace.ts';

interface Traced {
  phases: (TracedPhase & Partial<TracedPhaseEnd> & { weights: TensorMap; teacher: TensorMap | null })[];
  steps: TracedStep[];
  checks: TracedCheck[];
}

function collector(): { traced: Traced; writer: TraceWriter } {
  const traced: Traced = { phases: [], steps: [], checks: [] };
  const writer: TraceWriter = {
    phaseBegun: (phase, weights, teacher) => {
      traced.phases.push({ ...phase, weights, teacher });
      return Promise.resolve();
    },
    step: (line) => traced.steps.push(line),
    check: (line) => traced.checks.push(line),
    phaseEnded: (phase, end) => {
      const line = traced.phases.find((begun) => begun.phase === phase);
      // A phase that a run goes on in was begun in an earlier trace.
      if (line) Object.assign(line, end);
      return Promise.resolve();
    },
    flush: () => Promise.resolve(),
  };
  return { traced, writer };
}

function finishedOf(outcome: RunOutcome): FinishedRun {
  if (outcome.status !== 'done') throw outcome.status === 'failed' ? outcome.error : new Error(outcome.status);
  return outcome.finished;
}

const plain = (weights: TensorMap) => [...weights].map(([name, { shape, data }]) => [name, shape, [...data]]);

async function trace(experiment: Experiment, options: RehearsalOptions = {}) {
  const { traced, writer } = collector();
  const { outcome, trainer } = rehearse(experiment, { trace: writer, ...options });
  return { traced, finished: finishedOf(await outcome), history: trainer.state.history };
}

const sharedSnl = tinyExperiment([
  { ...tinyShare, distillation: DISTILLATION },
  { ...tinySnl, distillation: DISTILLATION },
]);

describe('a traced run', () => {
  it.each<[string, Experiment]>([
    ['SNL', tinyExperiment([tinySnl])],
    ['SNL counted by epochs', tinyExperiment([{ ...tinySnl, checkEverySteps: null, lambdaHold: 1 }])],
    ['SNL over sharing', sharedSnl],
    ['the paper protocol', tinyExperiment([tinySnl], tinyPhase(2), { selection: 'paper' })],
  ])('gives the same weights, masks and accuracies: %s', async (_, experiment) => {
    const reference = rehearse(experiment);
    const untraced = finishedOf(await reference.outcome);
    const { finished, history } = await trace(experiment);
    expect(plain(finished.weights)).toEqual(plain(untraced.weights));
    expect(finished.result).toEqual(untraced.result);
    const measured = (epochs: typeof history.epochs) =>
      epochs.map(({ phase, epoch, step, validation, test, drelus, lambda }) => ({
        phase,
        epoch,
        step,
        validation,
        test,
        drelus,
        lambda,
      }));
    expect(measured(history.epochs)).toEqual(measured(reference.trainer.state.history.epochs));
  });

  it('has one line per step, in order, with the images in the order of the epoch', async () => {
    const { traced } = await trace(sharedSnl);
    expect(traced.steps.map(({ step }) => step)).toEqual(traced.steps.map((_, i) => i + 1));
    for (const { phase, id, stepsPerEpoch } of traced.phases) {
      const own = traced.steps.filter((line) => line.phase === phase);
      for (const epoch of new Set(own.map((line) => line.epoch))) {
        const images = own.filter((line) => line.epoch === epoch).flatMap((line) => line.images);
        const order = epochOrder(tinyData.train, sharedSnl.seed, id, epoch);
        expect(images).toEqual([...order.subarray(0, images.length)]);
        expect(images.length).toBeLessThanOrEqual(4 * stepsPerEpoch);
      }
    }
  });

  it('never reads a step’s loss together with another’s', async () => {
    const given: number[] = [];
    class Counting extends FakeEngine {
      override async metrics(reset?: boolean) {
        const metrics = await super.metrics(reset);
        if (reset !== false && metrics.steps > 0) given.push(metrics.loss);
        expect(metrics.steps).toBeLessThanOrEqual(1);
        return metrics;
      }
    }
    const { traced } = await trace(tinyExperiment([tinySnl]), { createEngine: (settings) => new Counting(settings) });
    expect(traced.steps.map(({ loss }) => loss)).toEqual(given);
  });

  it('says what each step was run with', async () => {
    const settings: StepSettings[] = [];
    class Watching extends FakeEngine {
      override step(at: number, given: StepSettings): void {
        settings.push(given);
        super.step(at, given);
      }
    }
    const { traced } = await trace(sharedSnl, { createEngine: (given: EngineSettings) => new Watching(given) });
    expect(traced.steps).toHaveLength(settings.length);
    traced.steps.forEach((line, i) => {
      const { learningRate, maskLearningRate, lambda, soft, distillation, trainMasks } = settings[i];
      expect(line).toMatchObject({ learningRate, lambda, soft, distils: distillation !== null });
      expect(line.maskLearningRate).toBe(trainMasks ? maskLearningRate : null);
    });
    expect(traced.steps.some(({ soft }) => soft !== null)).toBe(true);
    expect(traced.steps.some(({ maskLearningRate }) => maskLearningRate === 0.05)).toBe(true);
  });

  it('has crops with which the traced images are those that the engine is given', async () => {
    const seeds: { at: number; augment: NonNullable<StepSettings['augment']> }[] = [];
    class Watching extends FakeEngine {
      override step(at: number, given: StepSettings): void {
        seeds.push({ at, augment: given.augment! });
        super.step(at, given);
      }
    }
    const { traced } = await trace(tinyExperiment([]), { createEngine: (given) => new Watching(given) });
    const images = { ...tinyData.images, images: tinyData.images.images.map((_, i) => (i * 37) % 251) };
    const [channels, height, width] = images.shape;
    let flips = 0;
    traced.steps.forEach(({ images: indices, crops }, step) => {
      const { at, augment } = seeds[step];
      const expected = gatherReference(images, indices, at, augment);
      indices.forEach((image, i) => {
        const [dy, dx, flipped] = crops![i];
        if (flipped) flips++;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            for (let c = 0; c < channels; c++) {
              const sy = y + dy;
              const sx = (flipped ? width - 1 - x : x) + dx;
              const inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
              const raw = inside ? images.images[((image * channels + c) * height + sy) * width + sx] : 0;
              const value = Math.fround((raw / 255 - images.mean[c]) / images.std[c]);
              expect(expected[((i * height + y) * width + x) * channels + c]).toBe(value);
            }
      });
    });
    expect(flips).toBeGreaterThan(10);
  });

  it('has no crops without augmentation', async () => {
    const { traced } = await trace(tinyExperiment([], tinyPhase(1), { augment: { cropPadding: 0, flip: false } }));
    expect(traced.steps.map(({ crops }) => crops)).toEqual(traced.steps.map(() => null));
  });

  it('has one line per phase: gates, teacher, values at its start, and how it ended', async () => {
    const { traced, history, finished } = await trace(sharedSnl);
    expect(traced.phases.map(({ id }) => id)).toEqual(history.phases.map(({ id }) => id));
    const [dense, soft, , masks, finetune] = traced.phases;
    expect(Object.values(dense.gates).map(({ kind }) => kind)).toEqual(['relu', 'relu', 'relu', 'relu']);
    expect(dense.teacher).toBeNull();
    expect(dense.teacherGates).toBeNull();
    expect(soft.gates['layer1.0.gate1']).toMatchObject({ kind: 'share', from: null, shape: [3, 4, 4] });
    expect(soft.teacherGates).toEqual(dense.gates);
    // Masks start at 1; the finetuning starts with the binary ones, and ends with the same.
    const alphas = (weights: TensorMap) => [...weights].filter(([name]) => name.endsWith('.alpha'));
    expect(alphas(masks.weights).every(([, { data }]) => data.every((value) => value === 1))).toBe(true);
    expect(alphas(finetune.weights)).toEqual(alphas(finished.weights));
    expect(plain(finetune.teacher!)).toEqual(plain(soft.teacher!));
    expect(traced.phases.at(-1)!.selectedEpoch).toBe(finished.result.selected.epoch);
    expect(masks.selectedEpoch).toBeNull();
    for (const { phase, endedAtStep } of traced.phases)
      expect(endedAtStep).toBe(Math.max(...traced.steps.filter((line) => line.phase <= phase).map(({ step }) => step)));
  });

  it('has one line per count of masks, with λ after it', async () => {
    const { traced } = await trace(tinyExperiment([{ ...tinySnl, lambdaHold: 0 }]));
    const masks = traced.steps.filter(({ phase }) => phase === 1);
    expect(traced.checks.map(({ step }) => step - 20)).toEqual(traced.checks.map((_, i) => 3 * (i + 1)));
    expect(traced.checks.map(({ finished }) => finished)).toEqual(
      traced.checks.map((_, i) => i === traced.checks.length - 1),
    );
    expect(traced.checks.at(-1)!.count).toBeLessThanOrEqual(30);
    for (const { step, lambdaAfter } of traced.checks.slice(0, -1))
      expect(masks.find((line) => line.step === step + 1)!.lambda).toBe(lambdaAfter);
  });
});

describe('lines that stay when a run goes on', () => {
  it('are exactly those written before its checkpoint, wherever it was stopped', async () => {
    const experiment = tinyExperiment([{ ...tinySnl, maxEpochs: 2 }]);
    const whole = (await trace(experiment)).traced;
    for (let point = 3; ; point += 5) {
      const first = collector();
      let seen = 0;
      const stopped = rehearse(experiment, {
        trace: first.writer,
        onEvent: (_, trainer) => seen++ === point && trainer.stop(),
      });
      if ((await stopped.outcome).status === 'done') break;
      const checkpoint = stopped.saved();
      const upTo = traceLinesUpTo(checkpoint.state);
      const second = await trace(experiment, { resume: checkpoint });
      expect([...first.traced.steps.filter(upTo.step), ...second.traced.steps]).toEqual(whole.steps);
      expect([...first.traced.checks.filter(upTo.check), ...second.traced.checks]).toEqual(whole.checks);
      const stay = first.traced.phases.filter((line) => upTo.phase(line) === 'whole');
      const began = first.traced.phases.filter((line) => upTo.phase(line) === 'begun');
      expect([...stay, ...began, ...second.traced.phases].map(({ id }) => id)).toEqual(
        whole.phases.map(({ id }) => id),
      );
    }
  });
});
