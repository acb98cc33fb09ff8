/**
 * From an experiment to the phases of its run: dense training, then each method's in the order in which methods apply.
 *
 * The teacher of distillation is the dense network, frozen in evaluation mode; where none was trained, the network as it was
 * when the method began.
 */
import type { Experiment } from '../domain/experiment.ts';
import { inOrder } from '../domain/methods/registry.ts';
import { PlanError } from './errors.ts';
import type { PhaseInfo } from './events.ts';
import { densePhases } from './methods/dense.ts';
import { phasesOf } from './methods/registry.ts';
import type { PlannedPhase } from './methods/rule.ts';

/**
 * @param startedWithGates the run starts from a network whose gates are not all plain ReLUs
 * @throws PlanError where nothing would be trained
 */
export function planPhases(experiment: Experiment, startedWithGates = false): PlannedPhase[] {
  const phases = [...densePhases(experiment.dense, startedWithGates), ...inOrder(experiment.methods).flatMap(phasesOf)];
  if (phases.length === 0)
    throw new PlanError('The experiment trains nothing: give the dense phase epochs or choose a method.');
  return phases;
}

/** Whole batches in an epoch; the last incomplete one is dropped. */
export function stepsPerEpoch(trainImages: number, batch: number, title: string): number {
  const steps = Math.floor(trainImages / batch);
  if (steps === 0)
    throw new PlanError(
      `${title}: a batch of ${batch} needs more than the ${trainImages} training images: choose a smaller batch.`,
    );
  return steps;
}

/** The phases as events report them. */
export const phaseInfos = (phases: PlannedPhase[], trainImages: number): PhaseInfo[] =>
  phases.map(({ info, phase }) => ({
    ...info,
    stepsPerEpoch: phase.epochs === 0 ? 0 : stepsPerEpoch(trainImages, phase.batch, info.title),
  }));
