/**
 * The end of an epoch: evaluation, the record, the choice of the epoch that is kept, and at the end of a phase its test.
 *
 *   validation   after every epoch; the best one is kept (higher accuracy, at equal accuracy lower loss, at equal loss the earlier)
 *   last         no choice; so do phases whose last state goes on (masks, soft gate)
 *   paper        the test split after every epoch, and the best one is kept: a selection on test data
 *
 * The test of a phase's last record is of the weights that the phase keeps.
 */
import type { Engine, Evaluation, TensorMap } from '../engine/api.ts';
import { countsOfWeights } from './binarise.ts';
import { Stopped } from './control.ts';
import type { EpochRecord, RunResult } from './events.ts';
import type { PlannedPhase } from './methods/rule.ts';
import type { Run } from './run.ts';
import { learningRateAt } from './schedules.ts';
import { NO_SUMS } from './state.ts';

/** Evaluates, records and moves the state to the next epoch. A stop leaves a checkpoint from which all this is done again. */
export async function endEpoch(run: Run, planned: PlannedPhase, engine: Engine, seconds: () => number): Promise<void> {
  const { state } = run;
  state.epochSeconds = seconds();
  await run.snapshot(engine);
  run.status('evaluating');
  try {
    await evaluateEpoch(run, planned, engine, seconds);
  } catch (error) {
    if (!run.control.stopping) throw error;
    await run.write();
    throw new Stopped();
  }
  state.seconds += seconds();
  Object.assign(state, { epoch: state.epoch + 1, stepInEpoch: 0, epochSeconds: 0, sums: NO_SUMS });
  if (state.epoch >= planned.phase.epochs || state.finished) return;
  await run.write();
  run.stopHere();
  run.status('running');
  run.recorder.start(run.now());
}

async function evaluateEpoch(run: Run, planned: PlannedPhase, engine: Engine, seconds: () => number): Promise<void> {
  const { state, tensors, data } = run;
  const { rule } = planned;
  const position = run.position();
  const lastStep = { ...position, stepInEpoch: Math.max(0, position.stepInEpoch - 1) };
  const { soft, lambda } = rule.numbers(state.memory, lastStep);
  const validation = await run.evaluate(engine, data.validation, soft);
  const everyTest = state.experiment.selection === 'paper';
  let test = everyTest ? await run.evaluate(engine, data.test, soft) : null;
  rememberBest(run, planned, validation, test);
  const last = state.epoch + 1 >= planned.phase.epochs || state.finished;
  let kept = tensors.weights;
  if (last) {
    kept = keptWeights(run, planned, validation);
    if (kept !== tensors.weights) engine.setWeights(run.fitting(kept, state.gates));
    state.kept!.test ??= await run.evaluate(engine, data.test, soft);
    if (!everyTest) test = state.kept!.test;
  }
  record(run, planned, { validation, test, lambda, softness: rule.softness?.(lastStep) ?? null, seconds: seconds() });
  state.trained = true;
  if (last) tensors.weights = kept;
  if (last && planned.info.method === null) denseDone(run, planned);
}

type Seen = Pick<EpochRecord, 'validation' | 'test' | 'softness' | 'seconds'> & { lambda: number };

function record(run: Run, planned: PlannedPhase, { lambda, ...seen }: Seen): void {
  const { state, tensors } = run;
  const { epsilon } = planned.rule;
  const { total } = countsOfWeights(state.experiment.network, state.gates, tensors.weights, epsilon);
  const told: EpochRecord = {
    phase: planned.info.id,
    epoch: state.epoch,
    step: state.step,
    train: run.recorder.epochMeans(),
    drelus: total.drelus,
    multiplications: total.multiplications,
    learningRate: learningRateAt(planned.phase, state.epoch),
    lambda: epsilon === undefined ? null : lambda,
    ...seen,
  };
  state.history.epochs.push(told);
  run.emit({ type: 'epoch', record: told });
}

/** How this phase selects: the experiment's way, unless its split is empty or the phase's last state goes on. */
function selectedBy({ state, data }: Run, planned: PlannedPhase): RunResult['selected']['by'] {
  const { selection } = state.experiment;
  if (!planned.rule.selects) return 'last';
  if (selection === 'validation' && data.validation.length === 0) return 'last';
  if (selection === 'paper' && data.test.length === 0) return 'last';
  return selection;
}

function rememberBest(run: Run, planned: PlannedPhase, validation: Evaluation | null, test: Evaluation | null): void {
  const by = selectedBy(run, planned);
  if (by === 'last') return;
  const { state, tensors } = run;
  const split = by === 'paper' ? 'test' : 'validation';
  const now = (split === 'test' ? test : validation)!;
  const best = state.best?.[split] ?? null;
  const better = !best || now.accuracy > best.accuracy || (now.accuracy === best.accuracy && now.loss < best.loss);
  if (!better) return;
  state.best = { epoch: state.epoch, validation, test };
  tensors.best = tensors.weights;
}

/** At the end of a phase: the weights that go on, and what was measured of them. */
function keptWeights(run: Run, planned: PlannedPhase, validation: Evaluation | null): TensorMap {
  const { state, tensors } = run;
  const by = selectedBy(run, planned);
  const phase = planned.info.id;
  if (by === 'last' || !state.best || !tensors.best) {
    state.kept = { selected: { phase, epoch: state.epoch, by: 'last' }, validation, test: null };
    return tensors.weights;
  }
  const { epoch, validation: bestValidation, test } = state.best;
  state.kept = { selected: { phase, epoch, by }, validation: bestValidation, test };
  return tensors.best;
}

/** The dense network is the teacher of all that follows. */
function denseDone({ state, tensors }: Run, planned: PlannedPhase): void {
  tensors.teacher = tensors.weights;
  state.teacherGates = state.gates;
  if (planned.info.kind === 'dense') state.denseTestAccuracy = state.kept?.test?.accuracy ?? null;
}

/** A phase of no epochs still leaves a network: its accuracies are measured as it stands. */
export async function concludeWithoutEpochs(run: Run, planned: PlannedPhase, engine: Engine): Promise<void> {
  const { state, data } = run;
  run.status('evaluating');
  const validation = await run.evaluate(engine, data.validation, null);
  const test = await run.evaluate(engine, data.test, null);
  state.kept = { selected: { phase: planned.info.id, epoch: 0, by: 'last' }, validation, test };
}
