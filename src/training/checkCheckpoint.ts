/** Whether a checkpoint can be continued: its position lies within the planned phases and its tensors belong to its gates. */
import { gateOf } from '../domain/gateMap.ts';
import { sitesOf } from '../domain/network.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import { checkWeights, WeightsError } from '../engine/weights.ts';
import { CheckpointError } from './errors.ts';
import type { Checkpoint } from './state.ts';

const damaged = (what: string, cause?: unknown) =>
  new CheckpointError(`The checkpoint is damaged: ${what}.`, cause === undefined ? {} : { cause });

/**
 * Positions are checked against the phases that the run recorded: data that have changed are another matter, with its own error.
 * @param planned number of phases that the experiment has
 * @throws CheckpointError naming what does not fit
 */
export function checkCheckpoint({ state, tensors }: Checkpoint, planned: number): void {
  const { network } = state.experiment;
  const { phases } = state.history;
  if (state.phase > planned) throw damaged(`it is in phase ${state.phase + 1} of ${planned}`);
  if (state.begun) {
    // Between phases the record may be that of another run, which trained the same dense phase.
    if (phases.length !== planned) throw damaged(`it records ${phases.length} phases, the experiment has ${planned}`);
    const phase = phases.at(state.phase);
    if (!phase) throw damaged('its phase has begun, but all phases are done');
    if (state.epoch > phase.epochs) throw damaged(`it is in epoch ${state.epoch + 1} of ${phase.epochs}`);
    if (state.stepInEpoch > phase.stepsPerEpoch)
      throw damaged(`it is at step ${state.stepInEpoch} of ${phase.stepsPerEpoch}`);
    if (!tensors.optimizer) throw damaged('the state of the optimizer is missing');
  }
  const sites = new Map(sitesOf(network).map((site) => [site.id, site]));
  for (const gates of [state.gates, state.teacherGates ?? {}])
    for (const id of Object.keys(gates)) {
      const site = sites.get(id);
      if (!site) throw damaged(`the network has no gate site "${id.slice(0, 60)}"`);
      const gate = gateOf(gates, id);
      if (gate.kind === 'share' && gate.source.length !== site.shape[0])
        throw damaged(`${id} shares ${gate.source.length} channels, but has ${site.shape[0]}`);
    }
  try {
    checkWeights(tensors.weights, network);
  } catch (cause) {
    if (!(cause instanceof WeightsError)) throw cause;
    throw damaged(cause.message.replace(/\.$/, ''), cause);
  }
  // Before a phase begins its gate parameters may still be missing: the engine initialises them.
  if (state.begun)
    for (const { name, shape } of gateParametersOf(network, state.gates))
      if (tensors.weights.get(name)?.shape.join() !== shape.join()) throw damaged(`"${name}" is missing or misshapen`);
  if (state.best && !tensors.best) throw damaged('the weights of the best epoch are missing');
  if (state.teacherGates && !tensors.teacher) throw damaged('the weights of the teacher are missing');
}
