/** Step records and progress: rates, and time that is not training. */
import { describe, expect, it } from 'vitest';
import type { StepMetrics } from '../engine/api.ts';
import { phaseInfos, planPhases } from './plan.ts';
import { Recorder, type Stretch } from './recorder.ts';
import { tinyExperiment, tinyPhase, tinySnl } from './testing.ts';

const metrics = (steps: number, loss = 1): StepMetrics => ({
  steps,
  images: 4 * steps,
  loss,
  crossEntropy: loss,
  distillation: 0,
  penalty: 0,
  accuracy: 0.5,
  finite: true,
});

const plan = planPhases(tinyExperiment([tinySnl], tinyPhase(6)));
const recorderOf = () => new Recorder(plan, phaseInfos(plan, 40));

function stretch(at: number, step: number, more: Partial<Stretch> = {}): Stretch {
  return {
    metrics: metrics(2),
    at,
    phase: 0,
    step,
    epoch: 0,
    stepInEpoch: step,
    learningRate: 0.1,
    lambda: null,
    drelus: 120,
    target: null,
    ...more,
  };
}

describe('images per second', () => {
  it('are the images since the last record over the time they took', () => {
    const recorder = recorderOf();
    recorder.start(0);
    expect(recorder.add(stretch(500, 2), false)!.record.imagesPerSecond).toBe(16);
    expect(recorder.add(stretch(600, 4), false)).toBeNull();
    // 16 images in the 0.4 s since the first record.
    expect(recorder.add(stretch(900, 6), false)!.record.imagesPerSecond).toBeCloseTo(40, 10);
  });

  it('do not count a pause, also in the middle of a stretch', () => {
    const recorder = recorderOf();
    recorder.start(0);
    recorder.pause(300);
    recorder.start(3_600_000);
    expect(recorder.add(stretch(3_600_200, 2), false)!.record.imagesPerSecond).toBe(16);
  });

  it('do not count what came between stretches, such as an evaluation', () => {
    const recorder = recorderOf();
    recorder.start(0);
    recorder.add(stretch(500, 2), true);
    recorder.start(60_000);
    expect(recorder.add(stretch(60_500, 4), true)!.record.imagesPerSecond).toBe(16);
  });

  it('of a preview are of the steps that it shows', () => {
    const recorder = recorderOf();
    recorder.start(0);
    const preview = recorder.preview(stretch(500, 2));
    expect(preview!.record).toMatchObject({ step: 2, imagesPerSecond: 16 });
    // The stretch brings these steps again: the preview has not added them.
    expect(recorder.add(stretch(1000, 4, { metrics: metrics(4, 3) }), true)!.record).toMatchObject({
      loss: 3,
      imagesPerSecond: 16,
    });
  });
});

describe('records', () => {
  it('are means over all steps since the last one', () => {
    const recorder = recorderOf();
    recorder.start(0);
    recorder.add(stretch(1000, 2), false);
    recorder.add(stretch(1010, 3, { metrics: metrics(1, 5) }), false);
    expect(recorder.add(stretch(1500, 6, { metrics: metrics(3, 1) }), false)!.record.loss).toBe(2);
  });

  it('come at least 250 ms apart, but always at the end of an epoch', () => {
    const recorder = recorderOf();
    recorder.start(0);
    expect(recorder.add(stretch(1000, 2), false)).not.toBeNull();
    expect(recorder.add(stretch(1249, 4), false)).toBeNull();
    expect(recorder.add(stretch(1250, 6), false)).not.toBeNull();
    expect(recorder.add(stretch(1251, 8), true)).not.toBeNull();
  });
});

describe('time left', () => {
  /** After some stretches of 2 steps in 1 s: 0.5 s per step. */
  function measured(recorder: Recorder, more: (step: number) => Partial<Stretch>, stretches = 8) {
    recorder.beginPhase();
    recorder.start(0);
    let report = null;
    for (let i = 1; i <= stretches; i++) report = recorder.add(stretch(1000 * i, 2 * i, more(2 * i)), true);
    return report!.progress;
  }

  it('of a phase are its planned steps that are left', () => {
    // Epoch 2 of 6, step 4 of 10: 36 steps of 0.5 s; a mask stage follows, whose length is not known.
    const progress = measured(recorderOf(), () => ({ epoch: 2, stepInEpoch: 4 }));
    expect(progress).toMatchObject({ secondsLeft: 18, leftOf: 'phase', stepsPerEpoch: 10, imagesPerSecond: 8 });
  });

  it('of a mask stage follow the fall of the DReLUs to the budget, then come the later phases', () => {
    // 2 DReLUs less per step; after 30 steps 60 of 120 are left, 30 above the budget: 15 steps, then 20 of finetuning.
    const falling = (step: number) => ({ phase: 1, drelus: 120 - 2 * step, target: 30, epoch: 3, stepInEpoch: 0 });
    expect(measured(recorderOf(), falling, 15)).toMatchObject({ secondsLeft: 0.5 * (15 + 20), leftOf: 'run' });
  });

  it('of a mask stage are never more than its planned epochs', () => {
    const slowly = (step: number) => ({ phase: 1, drelus: 120 - step / 100, target: 30, epoch: 11, stepInEpoch: 8 });
    expect(measured(recorderOf(), slowly, 15)).toMatchObject({ secondsLeft: 0.5 * (2 + 20) });
  });

  it('of a mask stage are not known while nothing falls', () => {
    expect(measured(recorderOf(), () => ({ phase: 1, target: 30 }), 15).secondsLeft).toBeNull();
  });

  it('are measured afresh in another phase', () => {
    const recorder = recorderOf();
    measured(recorder, () => ({}));
    recorder.beginPhase();
    recorder.start(100_000);
    expect(recorder.add(stretch(100_500, 2, { phase: 2 }), true)!.progress.secondsLeft).toBeNull();
  });
});
