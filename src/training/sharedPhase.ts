/**
 * One dense phase for many runs: a checkpoint written where the dense phase of one run has ended is where another run goes on whose
 * dense phase is the same, bit for bit as if it had trained that phase itself.
 */
import type { Experiment } from '../domain/experiment.ts';
import { denseKey } from '../domain/sweepFile.ts';
import { CheckpointError } from './errors.ts';
import type { Checkpoint, RunState } from './state.ts';

/** True where a run stands between its dense phase and its first method. */
export const isAfterDense = (state: Pick<RunState, 'phase' | 'begun' | 'experiment'>): boolean =>
  state.phase === 1 && !state.begun && state.experiment.dense.epochs > 0;

/**
 * The checkpoint for another experiment.
 * @throws CheckpointError where it does not stand after the dense phase, or the dense phases differ
 */
export async function adoptDense(checkpoint: Checkpoint, experiment: Experiment): Promise<Checkpoint> {
  const { state, tensors } = checkpoint;
  if (!isAfterDense(state)) throw new CheckpointError('This checkpoint does not stand at the end of a dense phase.');
  if ((await denseKey(state.experiment)) !== (await denseKey(experiment)))
    throw new CheckpointError('This checkpoint is of another dense phase: data, network, settings or seed differ.');
  return { state: { ...state, experiment }, tensors };
}
