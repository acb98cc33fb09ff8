/**
 * The end of an epoch: evaluation, the record, the best epoch so far, and at the end of a phase the test of the weights that it
 * keeps (selection.ts). Under the paper protocol the test split is evaluated after every epoch.
 */
import type { Engine } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import { fittingWeights } from './engines.ts';
import { RunStopped } from './control.ts';
import type { EpochRecord } from './events.ts';
import type { PlannedPhase } from './methods/rule.ts';
import type { Run } from './run.ts';
import { learningRateAt } from './schedules.ts';
import { keptEpoch, selectionOf, withBest } from './selection.ts';
import type { Checkpoint } from './state.ts';
import { meansOf } from './sums.ts';
import { denseConcluded, epochEnded, epochRecorded, phaseConcluded, phaseGoesOn } from './transitions.ts';

/**
 * Evaluates, records and goes on to the next epoch. A stop request leaves a checkpoint from which all this is done again.
 * @param seconds what the epoch has taken so far
 * @throws RunStopped
 */
export async function endEpoch(run: Run, phase: PlannedPhase, engine: Engine, seconds: () => number): Promise<void> {
  await run.snapshot(engine, seconds());
  run.status('evaluating');
  let evaluated: Checkpoint;
  try {
    evaluated = await evaluateEpoch(run, phase, engine, seconds);
  } catch (error) {
    if (!run.control.stopping) throw error;
    await run.write();
    throw new RunStopped('The run was stopped.', { cause: error });
  }
  run.set(evaluated);
  run.emit({ type: 'epoch', record: evaluated.state.history.epochs.at(-1)! });
  run.apply((state) => epochEnded(state, seconds()));
  if (!phaseGoesOn(run.state, phase.phase.epochs)) return;
  if (run.epochCheckpointDue) {
    await run.write();
    run.control.throwIfStopping();
  }
  run.status('running');
  run.recorder.start(run.now());
}

/** The run's value with the current epoch evaluated and recorded, and at the end of the phase with the weights that it keeps. */
async function evaluateEpoch(
  run: Run,
  phase: PlannedPhase,
  engine: Engine,
  seconds: () => number,
): Promise<Checkpoint> {
  const { data, state } = run;
  const { rule, info } = phase;
  const { experiment } = state;
  const position = run.position();
  const lastStep = { ...position, stepInEpoch: Math.max(0, position.stepInEpoch - 1) };
  const { soft, lambda } = rule.numbers(state.memory, lastStep);
  const by = selectionOf(experiment.selection, rule.selects, {
    validation: data.validation.length,
    test: data.test.length,
  });

  const validation = await run.evaluate(engine, data.validation, soft);
  const everyTest = experiment.selection === 'paper';
  let test = everyTest ? await run.evaluate(engine, data.test, soft) : null;
  const measured = withBest(run.value, by, { validation, test });

  const last = state.epoch + 1 >= phase.phase.epochs || state.finished;
  let concluded: Checkpoint | null = null;
  if (last) {
    const { kept, weights } = keptEpoch(measured, info.id, by, validation);
    if (weights !== measured.tensors.weights)
      engine.setWeights(fittingWeights(experiment.network, state.gates, weights));
    const keptTest = kept.test ?? (await run.evaluate(engine, data.test, soft));
    if (!everyTest) test = keptTest;
    concluded = phaseConcluded(measured, { ...kept, test: keptTest }, weights);
    if (info.method === null) concluded = denseConcluded(concluded, info.kind === 'dense');
  }

  // The record's counts are those of this epoch's weights, not of the kept ones.
  const { total } = countsOfWeights(experiment.network, state.gates, measured.tensors.weights, rule.epsilon);
  const record: EpochRecord = {
    phase: info.id,
    epoch: state.epoch,
    step: state.step,
    seconds: seconds(),
    train: meansOf(state.sums),
    validation,
    test,
    drelus: total.drelus,
    multiplications: total.multiplications,
    learningRate: learningRateAt(phase.phase, state.epoch),
    lambda: rule.epsilon === undefined ? null : lambda,
    softness: rule.softness?.(lastStep) ?? null,
  };
  const { state: after, tensors } = concluded ?? measured;
  return { state: epochRecorded(after, record), tensors };
}

/** A phase without a single epoch still leaves a network: its accuracies are measured as it is. */
export async function concludeWithoutEpochs(run: Run, phase: PlannedPhase, engine: Engine): Promise<void> {
  run.status('evaluating');
  const validation = await run.evaluate(engine, run.data.validation, null);
  const test = await run.evaluate(engine, run.data.test, null);
  const kept = { selected: { phase: phase.info.id, epoch: 0, by: 'last' as const }, validation, test };
  run.set(phaseConcluded(run.value, kept, run.tensors.weights));
}
