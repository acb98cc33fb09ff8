import { describe, expect, it } from 'vitest';
import type { CurrentRun } from '../stores/session.ts';
import { pageTitle } from './leaving.ts';

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
  validation: 0.7124,
  error: null,
};

describe("the page's title", () => {
  it('is the studio’s name while nothing is trained', () => expect(pageTitle(null)).toBe('ReLU Studio'));

  it('says phase and epoch first, where a narrow tab still shows them', () => {
    expect(pageTitle(run)).toBe('SNL mask stage, epoch 12 · SNL quick · ReLU Studio');
    expect(pageTitle({ ...run, status: 'paused' })).toMatch(/^Paused: SNL mask stage, epoch 12/);
  });

  it('says what came of it', () => {
    expect(pageTitle({ ...run, status: 'done' })).toBe('Done, 71.2 % · SNL quick · ReLU Studio');
    expect(pageTitle({ ...run, status: 'failed' })).toMatch(/^Failed · /);
  });

  it('is ready before the first phase', () =>
    expect(pageTitle({ ...run, phase: null, progress: null })).toMatch(/^Preparing · /));
});
