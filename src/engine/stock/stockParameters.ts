/**
 * The stock engine's numbers on the GPU: one tf.Variable a parameter, in the layout that tfjs's ops want.
 *
 * | tensor            | outside (PyTorch) | inside (tfjs) |
 * |-------------------|-------------------|---------------|
 * | conv weight       | O,I,kh,kw         | kh,kw,I,O     |
 * | alpha             | C,H,W             | H,W,C         |
 * | norm, fc, affine  | as they are       | the same      |
 */
import * as tf from '@tensorflow/tfjs';
import type { GateMap } from '../../domain/gateMap.ts';
import { parametersOf, type NetworkSpec } from '../../domain/network.ts';
import type { HostTensor, TensorMap } from '../api.ts';
import { gateParametersOf } from '../gateParameters.ts';

type Role = ReturnType<typeof parametersOf>[number]['role'] | ReturnType<typeof gateParametersOf>[number]['role'];

export interface StoredParameter {
  name: string;
  role: Role;
  /** PyTorch's shape. */
  shape: number[];
  variable: tf.Variable;
}

/** Axes of the outside layout in the order that the inside layout has them; null where the two agree. */
const insideAxes = (role: Role): number[] | null =>
  role === 'conv' ? [2, 3, 1, 0] : role === 'alpha' ? [1, 2, 0] : null;

/** The tensor with its axes in the order `axes`, row-major; shape of the result: axes.map(a => shape[a]). */
export function permuted({ shape, data }: HostTensor, axes: number[]): HostTensor {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const outShape = axes.map((axis) => shape[axis]);
  const out = new Float32Array(data.length);
  const index = axes.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    for (let d = 0; d < axes.length; d++) from += index[d] * strides[axes[d]];
    out[i] = data[from];
    for (let d = axes.length - 1; d >= 0 && ++index[d] === outShape[d]; d--) index[d] = 0;
  }
  return { shape: outShape, data: out };
}

const inverse = (axes: number[]) => axes.map((_, i) => axes.indexOf(i));

export class StockParameters {
  readonly list: StoredParameter[];
  private readonly byName: Map<string, StoredParameter>;

  constructor(network: NetworkSpec, gates: GateMap) {
    const all: { name: string; shape: number[]; role: Role }[] = [
      ...parametersOf(network),
      ...gateParametersOf(network, gates),
    ];
    this.list = all.map(({ name, shape, role }) => {
      const axes = insideAxes(role);
      const start = role === 'norm-weight' || role === 'running-var' || role === 'alpha' || role === 'scale' ? 1 : 0;
      const value = tf.fill(axes ? axes.map((axis) => shape[axis]) : shape, start);
      const variable = tf.variable(value);
      value.dispose();
      return { name, role, shape, variable };
    });
    this.byName = new Map(this.list.map((parameter) => [parameter.name, parameter]));
  }

  variable(name: string): tf.Variable {
    const parameter = this.byName.get(name);
    if (!parameter) throw new RangeError(`There is no parameter "${name}" in this network.`);
    return parameter.variable;
  }

  /** Everything that gradients are taken for: all but the batch norms' running statistics. */
  get trainable(): StoredParameter[] {
    return this.list.filter(({ role }) => role !== 'running-mean' && role !== 'running-var');
  }

  /** Overwrites all parameters; gate parameters that are not given start again at alpha 1, scale 1, shift 0. */
  set(tensors: TensorMap): void {
    for (const { name, role, shape, variable } of this.list) {
      const given = tensors.get(name);
      if (!given && role !== 'alpha' && role !== 'scale' && role !== 'shift')
        throw new RangeError(`The weights lack "${name}".`);
      if (given && given.shape.join() !== shape.join())
        throw new RangeError(
          `"${name}" has shape [${given.shape.join(', ')}], the network wants [${shape.join(', ')}].`,
        );
      const value = given ? toDevice(given, role) : tf.fill(variable.shape, role === 'shift' ? 0 : 1);
      variable.assign(value);
      value.dispose();
    }
  }

  dispose(): void {
    for (const { variable } of this.list) variable.dispose();
  }
}

/** A tensor in the inside layout; the caller disposes it. */
export function toDevice(tensor: HostTensor, role: Role): tf.Tensor {
  const axes = insideAxes(role);
  const { shape, data } = axes ? permuted(tensor, axes) : tensor;
  return tf.tensor(data, shape, 'float32');
}

/** Reads tensors of the inside layout back, all at once. */
export async function toHost(entries: { name: string; role: Role; tensor: tf.Tensor }[]): Promise<TensorMap> {
  const read = await Promise.all(
    entries.map(async ({ name, role, tensor }): Promise<[string, HostTensor]> => {
      const axes = insideAxes(role);
      // A copy: tfjs keeps what it read and would hand out the same array again.
      const data = Float32Array.from((await tensor.data()) as Float32Array);
      return [name, axes ? permuted({ shape: tensor.shape, data }, inverse(axes)) : { shape: [...tensor.shape], data }];
    }),
  );
  return new Map(read);
}
