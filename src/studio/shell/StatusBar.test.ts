/** The text of the status line in each state of a run. */
import { describe, expect, it } from 'vitest';
import { statusText } from './StatusBar.tsx';
import { run } from './testing.ts';

describe('the status line', () => {
  it('counts epochs from one and steps within the epoch', () => {
    expect(statusText(run)).toEqual({
      parts: ['SNL mask stage', 'epoch 12 of at most 20', 'step 210/351'],
      share: 210 / 351,
    });
  });

  it('counts shaders or tiles while they are compiled or tuned', () => {
    const compiling = { done: 7, total: 12, what: 'tuning' as const };
    expect(statusText({ ...run, status: 'compiling', compiling }).parts).toEqual(['Tuning kernels 7/12']);
  });

  it('gives the reason of a failure', () => {
    const error = { name: 'DivergedError', message: 'The loss is no longer a finite number.' };
    expect(statusText({ ...run, status: 'failed', error }).parts).toEqual(['Failed', error.message]);
  });

  it('starts with "Paused" while the run is paused', () => {
    expect(statusText({ ...run, status: 'paused' }).parts[0]).toBe('Paused');
  });
});
