/** The start of a phase: its teacher, gates and weights, the engine, and both accuracies of a gate that changes for good. */
import type { Engine, TensorMap } from '../engine/api.ts';
import { fittingWeights, openEngine, recordPatterns, teacherOf } from './engines.ts';
import type { PhaseStart, PlannedPhase } from './methods/rule.ts';
import type { Run } from './run.ts';
import { deviceChange } from './provenance.ts';
import { tracedGates } from './trace.ts';
import { phaseBegun, provenanceRecorded, switchRecorded, teacherTaken } from './transitions.ts';

/** Continues a phase that a checkpoint was written in. The caller disposes of the engine. */
export async function continuePhase(run: Run, phase: PlannedPhase): Promise<Engine> {
  const { state, tensors } = run;
  const engine = await openEngine(run, phase, state.gates, tensors.weights);
  recordTiles(run, engine);
  if (tensors.optimizer) engine.setOptimizerState(tensors.optimizer);
  run.emit({ type: 'phase', phase: run.infos[state.phase] });
  return engine;
}

/** Begins a phase. The caller disposes of the engine. */
export async function beginPhase(run: Run, phase: PlannedPhase): Promise<Engine> {
  chooseTeacher(run, phase);
  const { experiment, gates, trained } = run.state;
  const start = await phase.rule.begin({
    experiment,
    gates,
    weights: run.tensors.weights,
    trained,
    patterns: (images) => {
      run.status('preparing', 'Recording gates to choose prototypes by');
      return recordPatterns(run, images);
    },
  });
  const engine = await openEngine(run, phase, start.gates, start.weights);
  try {
    recordTiles(run, engine);
    run.emit({ type: 'phase', phase: run.infos[run.state.phase] });
    if (start.switch) await measureSwitch(run, engine, start.switch, start.weights);
    for (const warning of start.warnings ?? []) run.warn(warning);
    run.set(phaseBegun(run.value, start));
    await traceBeginning(run, phase, engine);
    return engine;
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

/** Records the engine's tiles, and warns where a phase continues with others than it began with. */
function recordTiles(run: Run, engine: Engine): void {
  const { device, begun } = run.state;
  if (!device) return;
  const now = { adapter: device.adapter, tiles: engine.tiles ?? null };
  const differs = begun ? deviceChange(device, now) : null;
  if (differs) run.warn(differs);
  run.apply((state) => provenanceRecorded(state, { device: now }));
}

/** Where a method distils and no dense network was trained, the teacher is the network as the method found it. */
function chooseTeacher(run: Run, phase: PlannedPhase): void {
  const { state, tensors, plan } = run;
  if (!phase.distillation || tensors.teacher) return;
  if (plan[state.phase - 1]?.info.method === phase.info.method) return;
  if (state.trained) run.set(teacherTaken(run.value));
  else
    run.warn(
      `${phase.info.title}: no network was trained before that could be the teacher, so there is no distillation.`,
    );
}

async function measureSwitch(
  run: Run,
  engine: Engine,
  change: NonNullable<PhaseStart['switch']>,
  weights: TensorMap,
): Promise<void> {
  const { network } = run.state.experiment;
  const { gates } = engine.settings;
  run.status('evaluating');
  engine.setWeights(fittingWeights(network, gates, change.before.weights));
  const before = await run.evaluate(engine, run.data.validation, change.before.soft);
  engine.setWeights(fittingWeights(network, gates, weights));
  const after = await run.evaluate(engine, run.data.validation, null);
  const { what, detail } = change;
  const record = { step: run.state.step, what, ...(detail === undefined ? {} : { detail }), before, after };
  run.apply((state) => switchRecorded(state, record));
  run.emit({ type: 'switch', ...record });
}

async function traceBeginning(run: Run, phase: PlannedPhase, engine: Engine): Promise<void> {
  if (!run.trace) return;
  const { state, infos } = run;
  const { network } = state.experiment;
  const { id, epochs, stepsPerEpoch } = infos[state.phase];
  const teacher = teacherOf(run, phase);
  await run.trace.phaseBegun(
    {
      phase: state.phase,
      id,
      gates: tracedGates(network, state.gates),
      teacherGates: teacher && tracedGates(network, teacher.gates),
      epochs,
      stepsPerEpoch,
    },
    await engine.weights(),
    teacher?.weights ?? null,
  );
}
