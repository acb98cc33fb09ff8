/** The run's state changes as pure functions: what each changes, and that none modifies its argument. No engine takes part. */
import { describe, expect, it } from 'vitest';
import type { StepMetrics, TensorMap } from '../engine/api.ts';
import type { EpochRecord, StepRecord } from './events.ts';
import { freshState, freshTensors, type Checkpoint, type RunState } from './state.ts';
import { NO_SUMS } from './sums.ts';
import { tinyExperiment, tinySnl } from './testing.ts';
import * as transitions from './transitions.ts';

/** Makes any later modification throw (test files are strict-mode modules). */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

const experiment = tinyExperiment([tinySnl]);
const fresh = (): Checkpoint =>
  frozen({ state: freshState(experiment, null), tensors: freshTensors(experiment, null) });
const weights = (value: number): TensorMap => new Map([['fc.bias', { shape: [1], data: Float32Array.of(value) }]]);

const metrics: StepMetrics = {
  steps: 2,
  images: 8,
  loss: 1.5,
  crossEntropy: 1,
  distillation: 0.25,
  penalty: 0.25,
  accuracy: 0.75,
  finite: true,
};
const stepRecord = (step: number) => frozen({ step } as StepRecord);
const evaluation = (accuracy: number) => ({ images: 10, loss: 1, accuracy });

/** In the third epoch of the mask stage. */
function amid(): Checkpoint {
  const begun = transitions.phaseBegun(
    frozen({ ...fresh(), state: { ...fresh().state, phase: 1, step: 20 } }),
    frozen({
      gates: { 'layer1.0.gate1': { kind: 'mask', granularity: 'pixel' } },
      weights: weights(1),
      memory: { n: 1 },
    }),
  );
  let { state } = begun;
  state = transitions.epochEnded(transitions.epochEnded(state, 5), 6);
  for (let i = 0; i < 4; i++) state = transitions.stepTaken(state);
  return frozen({ state, tensors: begun.tensors });
}

describe('phaseBegun', () => {
  it('puts gates, weights and memory in place and starts from the first step', () => {
    const before = amid();
    const start = frozen({
      gates: { stem: { kind: 'identity' as const } },
      weights: weights(2),
      memory: { lambda: 3 },
    });
    const { state, tensors } = transitions.phaseBegun(before, start);
    expect(state).toMatchObject({ gates: start.gates, memory: start.memory, begun: true, finished: false });
    expect(state).toMatchObject({ epoch: 0, stepInEpoch: 0, checkedAt: -1, step: 24, phase: 1, seconds: 11 });
    expect(tensors).toEqual({ weights: start.weights, optimizer: null, best: null, teacher: null });
  });

  it('is finished at once where the method has nothing to do', () => {
    const { state } = transitions.phaseBegun(amid(), { gates: {}, weights: weights(0), memory: {}, finished: true });
    expect(transitions.phaseGoesOn(state, 5)).toBe(false);
  });
});

describe('steps', () => {
  it('count in the epoch and in the run', () => {
    const { state } = amid();
    expect(transitions.stepTaken(state)).toEqual({ ...state, stepInEpoch: 5, step: 25 });
  });

  it('add their means times steps to the sums', () => {
    const twice = transitions.stretchAdded(transitions.stretchAdded(amid().state, metrics), metrics);
    expect(twice.sums).toEqual({
      steps: 4,
      images: 16,
      loss: 6,
      crossEntropy: 4,
      distillation: 1,
      penalty: 1,
      right: 12,
    });
  });

  it('are recorded in order; at 2,000 records every other one is dropped, the latest stays', () => {
    let { state } = fresh();
    for (let step = 1; step <= 1999; step++) state = transitions.stepRecorded(state, stepRecord(step));
    expect(state.history.steps).toHaveLength(1999);
    state = transitions.stepRecorded(state, stepRecord(2000));
    expect(state.history.steps).toHaveLength(1000);
    expect(state.history.steps.slice(0, 2).map(({ step }) => step)).toEqual([2, 4]);
    expect(state.history.steps.at(-1)!.step).toBe(2000);
  });

  it('remember at which one the check ran', () => {
    const { state } = amid();
    const checked = transitions.masksChecked(state, { memory: { n: 2 }, finished: true });
    expect(checked).toEqual({ ...state, memory: { n: 2 }, finished: true, checkedAt: 24 });
  });
});

describe('epochs', () => {
  it('end with their time added, sums cleared and the next epoch’s first step ahead', () => {
    const { state } = amid();
    const ended = transitions.epochEnded(transitions.stretchAdded(state, metrics), 2.5);
    expect(ended).toMatchObject({ epoch: 3, stepInEpoch: 0, seconds: 13.5, epochSeconds: 0, step: 24 });
    expect(ended.sums).toEqual(NO_SUMS);
  });

  it('are recorded, and the weights count as trained', () => {
    const record = frozen({ epoch: 2 } as EpochRecord);
    const { state } = amid();
    expect(state.trained).toBe(false);
    const recorded = transitions.epochRecorded(state, record);
    expect(recorded.trained).toBe(true);
    expect(recorded.history.epochs).toEqual([record]);
  });

  it.each([
    ['epochs are left', { epoch: 1, stepInEpoch: 0, finished: false }, true],
    ['the last planned epoch is over', { epoch: 4, stepInEpoch: 0, finished: false }, false],
    ['a check has ended the phase at its last step', { epoch: 1, stepInEpoch: 7, finished: true }, true],
    ['a check has ended the phase and its epoch is evaluated', { epoch: 2, stepInEpoch: 0, finished: true }, false],
  ])('go on or not where %s', (_, position, expected) => {
    expect(transitions.phaseGoesOn({ ...fresh().state, ...position }, 4)).toBe(expected);
  });
});

describe('the end of a phase', () => {
  const kept = {
    selected: { phase: 'dense', epoch: 1, by: 'validation' as const },
    validation: evaluation(0.5),
    test: evaluation(0.4),
  };

  it('keeps the chosen weights and what is known of them', () => {
    const concluded = transitions.phaseConcluded(amid(), kept, weights(7));
    expect(concluded.state.kept).toBe(kept);
    expect(concluded.tensors.weights).toEqual(weights(7));
  });

  it('makes the dense network the teacher, and its test accuracy the one to compare with', () => {
    const concluded = transitions.denseConcluded(transitions.phaseConcluded(amid(), kept, weights(7)), true);
    expect(concluded.tensors.teacher).toEqual(weights(7));
    expect(concluded.state.teacherGates).toEqual(amid().state.gates);
    expect(concluded.state.denseTestAccuracy).toBe(0.4);
  });

  it('leaves the dense accuracy alone where a network with gates of its own was finetuned', () => {
    const concluded = transitions.denseConcluded(transitions.phaseConcluded(amid(), kept, weights(7)), false);
    expect(concluded.tensors.teacher).toEqual(weights(7));
    expect(concluded.state.denseTestAccuracy).toBeNull();
  });

  it('drops optimizer state, best epoch and memory, and keeps weights, teacher, step and time', () => {
    const run = transitions.snapshotTaken(transitions.teacherTaken(amid()), {
      weights: weights(3),
      optimizer: weights(9),
      epochSeconds: 4,
    });
    const best = transitions.bestRemembered(run, { epoch: 2, validation: evaluation(0.5), test: null });
    expect(best.tensors.best).toEqual(weights(3));
    const { state, tensors } = transitions.phaseEnded(best);
    expect(tensors).toEqual({ weights: weights(3), optimizer: null, best: null, teacher: weights(1) });
    expect(state).toMatchObject({
      phase: 2,
      begun: false,
      epoch: 0,
      stepInEpoch: 0,
      step: 24,
      seconds: 11,
      memory: {},
    });
    expect(state.best).toBeNull();
  });
});

it('warnings and switches are added to the history in order', () => {
  let state: RunState = frozen(fresh().state);
  for (const message of ['a', 'b']) state = frozen(transitions.warned(state, message));
  const record = { step: 3, what: 'hard gate', before: null, after: null };
  state = transitions.switchRecorded(state, record);
  expect(state.history).toMatchObject({ warnings: ['a', 'b'], switches: [record] });
});
