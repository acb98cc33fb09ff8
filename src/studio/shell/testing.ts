/** A run in the middle of its mask stage, for tests of the status line and the page title. */
import { presetOf } from '../../domain/presets.ts';
import { NO_RESULTS } from '../stores/runs.ts';
import type { CurrentRun } from '../stores/runs.ts';

export const run: CurrentRun = {
  id: 'r',
  name: 'SNL quick',
  experiment: presetOf('snl-quick'),
  startedAt: '2026-01-01T00:00:00Z',
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
  results: NO_RESULTS,
  error: null,
};
