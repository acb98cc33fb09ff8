/** The page title in each state of a run. */
import { describe, expect, it } from 'vitest';
import { pageTitle } from './leaving.ts';
import { run as inMaskStage } from './testing.ts';

const run = { ...inMaskStage, results: { ...inMaskStage.results, validationAccuracy: 0.7124 } };

describe('the page title', () => {
  it('is the name of the studio while there is no run', () => expect(pageTitle(null)).toBe('ReLU Studio'));

  it('starts with phase and epoch, which a narrow browser tab still shows', () => {
    expect(pageTitle(run)).toBe('SNL mask stage, epoch 12 · SNL quick · ReLU Studio');
    expect(pageTitle({ ...run, status: 'paused' })).toMatch(/^Paused: SNL mask stage, epoch 12/);
  });

  it('gives the outcome of a run that has ended', () => {
    expect(pageTitle({ ...run, status: 'done' })).toBe('Done, 71.2% · SNL quick · ReLU Studio');
    expect(pageTitle({ ...run, status: 'failed' })).toMatch(/^Failed · /);
  });

  it('says "Preparing" before the first phase', () =>
    expect(pageTitle({ ...run, phase: null, progress: null })).toMatch(/^Preparing · /));
});
