/** Engines for the phases of a run: created, compiled, and given data, weights and teacher. */
import { parametersOf, type NetworkSpec } from '../domain/network.ts';
import type { GateMap } from '../domain/gateMap.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import type { Engine, EngineSettings, HostTensor, TensorMap } from '../engine/api.ts';
import { PlanError } from './errors.ts';
import type { PlannedPhase } from './methods/rule.ts';
import type { Run } from './run.ts';
import { epochOrder, seedFor } from './seeds.ts';

/** Only the tensors that a network with these gates has. */
export function fittingWeights(network: NetworkSpec, gates: GateMap, weights: TensorMap): TensorMap {
  const names = [
    ...parametersOf(network).map(({ name }) => name),
    ...gateParametersOf(network, gates).map(({ name }) => name),
  ];
  return new Map(names.flatMap((name) => (weights.has(name) ? [[name, weights.get(name)!]] : [])));
}

/**
 * The micro-batch for a phase's batch; undefined where the batch is not divided.
 * @throws PlanError where it does not divide the batch
 */
export function microBatchOf(microBatch: number | null, batch: number, title: string): number | undefined {
  if (microBatch === null || microBatch >= batch) return undefined;
  if (batch % microBatch !== 0)
    throw new PlanError(`engine.microBatch ${microBatch} does not divide the batch of ${batch} (${title}).`);
  return microBatch;
}

async function createEngine(run: Run, settings: Omit<EngineSettings, 'network' | 'f16'>): Promise<Engine> {
  const { network, engine } = run.state.experiment;
  return run.options.createEngine({ network, f16: engine.f16, ...settings }, (done, total) =>
    run.emit({ type: 'compiling', done, total, what: 'tuning' }),
  );
}

/** The teacher's weights and gates where the phase distils, else null. */
export function teacherOf(run: Run, phase: PlannedPhase): { weights: TensorMap; gates: GateMap } | null {
  const { teacherGates, experiment } = run.state;
  const { teacher } = run.tensors;
  if (!run.distils(phase) || !teacher || !teacherGates) return null;
  return { weights: fittingWeights(experiment.network, teacherGates, teacher), gates: teacherGates };
}

/** An engine for a phase. The caller disposes of it. */
export async function openEngine(run: Run, phase: PlannedPhase, gates: GateMap, weights: TensorMap): Promise<Engine> {
  const { network, engine: choice } = run.state.experiment;
  const { batch } = phase.phase;
  const microBatch = microBatchOf(choice.microBatch, batch, phase.info.title);
  const teacher = teacherOf(run, phase);
  run.status('compiling', phase.info.title);
  const engine = await createEngine(run, {
    gates,
    batch,
    teacher: teacher !== null,
    ...(microBatch === undefined ? {} : { microBatch }),
  });
  try {
    engine.setData(run.data.images);
    engine.setWeights(fittingWeights(network, gates, weights));
    if (teacher) engine.setTeacher(teacher.weights, teacher.gates);
    await engine.compile((done, total) => run.emit({ type: 'compiling', done, total, what: 'shaders' }));
  } catch (error) {
    engine.dispose();
    throw error;
  }
  run.emit({ type: 'memory', bytes: engine.memory.bytes, limit: run.options.memoryLimit ?? null });
  return engine;
}

/** Images per forward pass while gates are recorded. */
const PATTERN_BATCH = 32;

/**
 * Pre-activations of the network as the phase before left it, on a fixed draw of training images: per site (images, C, H, W).
 * @param images how many for each site
 */
export async function recordPatterns(run: Run, images: ReadonlyMap<string, number>): Promise<Map<string, HostTensor>> {
  const { gates, experiment } = run.state;
  const batch = Math.min(PATTERN_BATCH, run.data.train.length);
  const engine = await createEngine(run, { gates, batch, evaluationOnly: true });
  try {
    engine.setData(run.data.images);
    engine.setWeights(fittingWeights(experiment.network, gates, run.tensors.weights));
    const draw = epochOrder(run.data.train, seedFor(experiment.seed, 'patterns'), 'patterns', 0);
    const found = new Map<string, HostTensor>();
    for (const [site, count] of images) found.set(site, await engine.preActivations(site, draw.slice(0, count)));
    return found;
  } finally {
    engine.dispose();
  }
}
