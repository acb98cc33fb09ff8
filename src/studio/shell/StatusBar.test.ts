import { describe, expect, it } from 'vitest';
import { statusWords } from './StatusBar.tsx';
import { run } from './testing.ts';

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
