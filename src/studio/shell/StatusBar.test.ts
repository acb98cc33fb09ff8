import { describe, expect, it } from 'vitest';
import type { CurrentRun } from '../stores/session.ts';
import { statusWords } from './StatusBar.tsx';

const run: CurrentRun = {
  id: 'r',
  name: 'SNL quick',
  macs: 1,
  status: 'running',
  phase: { id: 'snl-masks', method: 'snl', kind: 'masks', title: 'SNL mask stage', epochs: 20, stepsPerEpoch: 351 },
  progress: {
    phase: 'snl-masks',
    epoch: 11,
    stepInEpoch: 210,
    stepsPerEpoch: 351,
    secondsLeft: 180,
    imagesPerSecond: 1840,
  },
  compiling: null,
  memory: null,
  validation: null,
  error: null,
};

describe('the status line', () => {
  it('counts epochs from one and steps within the epoch', () => {
    expect(statusWords(run)).toEqual({
      words: ['SNL mask stage', 'epoch 12 of at most 20', 'step 210/351'],
      share: 210 / 351,
    });
  });

  it('counts shaders and tiles while they are made', () => {
    const compiling = { done: 7, total: 12, what: 'tuning' as const };
    expect(statusWords({ ...run, status: 'compiling', compiling }).words).toEqual(['Tuning 7/12']);
  });

  it('gives the reason of a failure', () => {
    const error = { name: 'DivergedError', message: 'The loss is no longer a finite number.' };
    expect(statusWords({ ...run, status: 'failed', error }).words).toEqual(['Failed', error.message]);
  });

  it('says that it is paused where it stands', () => {
    expect(statusWords({ ...run, status: 'paused' }).words[0]).toBe('Paused');
  });
});
