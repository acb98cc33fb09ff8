/** A run in the middle of its mask stage, for tests of what the shell says about it. */
import type { CurrentRun } from '../stores/session.ts';

export const run: CurrentRun = {
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
