/** Titles of the states that a stored run can be in. */
import type { RunSummary } from '../../worker/protocol.ts';

export const STATUS_TITLES: Record<RunSummary['status'], string> = {
  running: 'Training',
  paused: 'Paused',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
};
