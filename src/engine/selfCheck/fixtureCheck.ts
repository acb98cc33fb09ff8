/**
 * Runs a fixture through an engine and reports its errors against PyTorch.
 *
 * | group       | compared                                                             | tolerance |
 * |-------------|----------------------------------------------------------------------|-----------|
 * | logits      | training-mode forward of the first step                              | 1e-4      |
 * | loss        | the total loss of the first step                                     | 1e-4      |
 * | grad        | every gradient of the first step                                     | 1e-3      |
 * | after       | every parameter, running statistic and gate parameter after all steps | 1e-3     |
 * | logits_eval | evaluation-mode forward of the state after all steps                 | 1e-3      |
 *
 * The error of a tensor is ‖a − b‖ / ‖b‖ (‖a − b‖ where b is zero). The fixtures are computed in float64; float32 gives about
 * 1e-6 on logits and loss, 1e-5 on gradients and, after SGD, 1e-6 on the rest. The last two groups have a wider
 * tolerance because of Adam: its first step moves every parameter by lr · g / |g|, so that a gradient which is zero up to rounding
 * may move it in the other direction, 2 · lr from PyTorch's (observed: 1.5e-4). Over several steps, gates near z = 0 may flip.
 */
import { gateParametersOf } from '../gateParameters.ts';
import { parametersOf } from '../../domain/network.ts';
import type { Engine, EngineSettings, HostTensor, TensorMap } from '../api.ts';
import { FixtureError, type Fixture } from './fixtureFile.ts';

export type Group = 'logits' | 'loss' | 'grad' | 'after' | 'logits_eval';

export interface GroupReport {
  /** The largest relative error of the group. */
  error: number;
  /** The tensor it is in. */
  tensor: string;
  tolerance: number;
  passed: boolean;
}

export interface FixtureReport {
  fixture: string;
  passed: boolean;
  groups: Record<Group, GroupReport>;
}

const TOLERANCE: Record<Group, number> = { logits: 1e-4, loss: 1e-4, grad: 1e-3, after: 1e-3, logits_eval: 1e-3 };

/** ‖a − b‖ / ‖b‖ over all elements, in float64. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    norm += b[i] ** 2;
  }
  return Math.sqrt(norm === 0 ? difference : difference / norm);
}

/** The non-empty tensors whose names begin with `prefix`, which is removed from the names. */
function withPrefix(tensors: TensorMap, prefix: string): TensorMap {
  return new Map(
    [...tensors].flatMap(([name, tensor]): [string, HostTensor][] =>
      name.startsWith(prefix) && tensor.data.length > 0 ? [[name.slice(prefix.length), tensor]] : [],
    ),
  );
}

function worst(expected: TensorMap, found: TensorMap, tolerance: number): GroupReport {
  let report = { error: 0, tensor: '' };
  for (const [name, { data }] of expected) {
    const ours = found.get(name);
    if (!ours) throw new FixtureError(`The engine has no "${name}".`);
    const error = relativeError(ours.data, data);
    // NaN counts as larger than any number.
    if (report.tensor === '' || !(error <= report.error)) report = { error, tensor: name };
  }
  return { ...report, tolerance, passed: report.error <= tolerance };
}

/** Runs the fixture's steps on a new engine and compares the results. The caller disposes the engine. */
export async function checkFixture(
  fixture: Fixture,
  makeEngine: (settings: EngineSettings) => Engine,
): Promise<FixtureReport> {
  const { network, gates, batch, steps, settings, images, tensors } = fixture;
  const before = withPrefix(tensors, 'before/');
  const known = new Set([...parametersOf(network), ...gateParametersOf(network, gates)].map(({ name }) => name));
  const foreign = [...before.keys()].find((name) => !known.has(name));
  if (foreign) throw new FixtureError(`"${foreign}" is not a parameter of the fixture's network and gates.`);

  const engine = makeEngine({ network, gates, batch, teacher: settings.distillation !== null });
  await engine.compile();
  engine.setData(images);
  engine.setWeights(before);
  if (settings.distillation) engine.setTeacher(withPrefix(tensors, 'teacher/'), fixture.teacherGates);
  engine.setOrder(Uint32Array.from({ length: batch * steps }, (_, i) => i));

  engine.step(0, settings);
  const logits = await engine.trainingLogits();
  const gradients = await engine.gradients();
  const { loss } = await engine.metrics();
  for (let step = 1; step < steps; step++) engine.step(step * batch, settings);
  const after = await engine.weights();
  const evaluated = await engine.logits(
    Uint32Array.from({ length: batch }, (_, i) => i),
    { soft: settings.soft },
  );

  const single = (name: string, data: Float32Array): TensorMap => new Map([[name, { shape: [data.length], data }]]);
  const only = (name: string): TensorMap => {
    const tensor = tensors.get(name);
    if (!tensor) throw new FixtureError(`The tensors lack "${name}".`);
    return new Map([[name, tensor]]);
  };
  const groups: Record<Group, GroupReport> = {
    logits: worst(only('logits'), single('logits', logits), TOLERANCE.logits),
    loss: worst(only('loss'), single('loss', Float32Array.of(loss)), TOLERANCE.loss),
    grad: worst(withPrefix(tensors, 'grad/'), gradients, TOLERANCE.grad),
    after: worst(withPrefix(tensors, 'after/'), after, TOLERANCE.after),
    logits_eval: worst(only('logits_eval'), single('logits_eval', evaluated), TOLERANCE.logits_eval),
  };
  return { fixture: fixture.name, passed: Object.values(groups).every(({ passed }) => passed), groups };
}
