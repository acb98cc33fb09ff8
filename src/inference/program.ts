/**
 * Compiles a network into the steps of the protocol. The client compiles the same program from the public description alone.
 *
 *   linear    shares of W·x + bias, truncated: convolution with its batch norm folded in, batch norm alone, classifier,
 *             or the affine of replicates and quadratics (a diagonal map of p and z)
 *   add       a residual
 *   gate      comparisons, multiplexers and squares of one site
 *   pool      sums over positions; the division is folded into the classifier
 *
 * Numbers: 15 fraction bits for activations and 16 for weights, so that a product has 31 before its truncation. A comparison looks
 * at the low 32 bits of z: |z| < 2^16. Activations must stay below 2^32 for the ring itself.
 */
import { INPUT, layersOf } from '../domain/network.ts';
import type { ConvLayer, Layer, SiteLayer, TensorId, TensorShape } from '../domain/network.ts';
import { gatePlans } from './gateSteps.ts';
import type { GatePlan } from './gateSteps.ts';
import type { LinearMap } from './linearMap.ts';
import type { PublicNetwork } from './publicNetwork.ts';

export const FRACTION_BITS = 15;
export const WEIGHT_BITS = 16;

/** Where the server finds a linear step's weights. */
export type WeightSource =
  | { kind: 'conv'; name: string; norm: string | null }
  | { kind: 'norm'; norm: string }
  | { kind: 'gate'; site: string }
  | { kind: 'classifier'; positions: number };

export interface LinearStep {
  kind: 'linear';
  /** Name in counters and messages. */
  layer: string;
  /** Number among the linear steps: names its correlated randomness. */
  index: number;
  map: LinearMap;
  source: WeightSource;
  /** Diagonal maps read several tensors at the same neurons; others read one whole tensor. */
  inputs: string[];
  /** Neurons read and written; null: all. Those not written are copied from the first input. */
  neurons: Int32Array | null;
  output: string;
}

export interface AddStep {
  kind: 'add';
  layer: string;
  inputs: [string, string];
  output: string;
}

export interface GateStep extends Omit<GatePlan, 'affine'> {
  kind: 'gate';
  layer: string;
  index: number;
  input: string;
  output: string;
}

export interface PoolStep {
  kind: 'pool';
  layer: string;
  input: string;
  output: string;
  positions: number;
}

export type Step = LinearStep | AddStep | GateStep | PoolStep;

export interface Program {
  steps: Step[];
  input: string;
  output: string;
  /** Neurons of each tensor, per image. */
  sizes: Map<string, number>;
  classes: number;
  /** Per image. */
  comparisons: number;
  multiplexers: number;
  squares: number;
}

const volume = ({ channels, height, width }: TensorShape) => channels * height * width;
const asTuple = ({ channels, height, width }: TensorShape): [number, number, number] => [channels, height, width];

/** Convolutions whose only reader is a batch norm: the norm to fold in, by the convolution's output. */
function foldedNorms(layers: Layer[]): Map<TensorId, string> {
  const readers = new Map<TensorId, (string | null)[]>();
  const read = (tensor: TensorId, norm: string | null) => readers.set(tensor, [...(readers.get(tensor) ?? []), norm]);
  for (const layer of layers) {
    if (layer.kind === 'site') {
      read(layer.input, layer.norm);
      if (layer.residual) read(layer.residual.tensor, layer.residual.norm);
    } else {
      read(layer.input, null);
      if (layer.kind === 'conv' && layer.skip) read(layer.skip, null);
    }
  }
  const folded = new Map<TensorId, string>();
  for (const layer of layers) {
    if (layer.kind !== 'conv' || layer.skip !== null) continue;
    const norms = readers.get(layer.output) ?? [];
    if (norms.length === 1 && norms[0] !== null) folded.set(layer.output, norms[0]);
  }
  return folded;
}

class Compiler {
  readonly steps: Step[] = [];
  readonly sizes = new Map<string, number>();
  readonly #folded: Map<TensorId, string>;
  /** The protocol's tensor that holds a layer's tensor. */
  readonly #names = new Map<TensorId, string>([[INPUT, INPUT]]);
  #linear = 0;
  #gates = 0;

  constructor(
    layers: Layer[],
    readonly plans: Map<string, GatePlan>,
  ) {
    this.#folded = foldedNorms(layers);
  }

  nameOf(tensor: TensorId): string {
    return this.#names.get(tensor)!;
  }

  conv(layer: ConvLayer): void {
    const map: LinearMap = {
      kind: 'conv',
      in: asTuple(layer.in),
      out: asTuple(layer.out),
      kernel: layer.kernel,
      stride: layer.stride,
    };
    const source: WeightSource = { kind: 'conv', name: layer.name, norm: this.#folded.get(layer.output) ?? null };
    let output = this.#addLinear(layer.name, map, source, [this.nameOf(layer.input)], volume(layer.out));
    if (layer.skip) output = this.#addSum(layer.name, output, this.nameOf(layer.skip));
    this.#names.set(layer.output, output);
  }

  site(layer: SiteLayer): void {
    let z = this.#normalised(layer.input, layer.norm, layer.shape);
    if (layer.residual) {
      const { tensor, norm } = layer.residual;
      z = this.#addSum(layer.id, z, norm === null ? this.nameOf(tensor) : this.#normalised(tensor, norm, layer.shape));
    }
    this.#names.set(layer.output, layer.gated ? this.#gate(layer, z) : z);
  }

  head(input: TensorId, shape: TensorShape, classes: number): string {
    const positions = shape.height * shape.width;
    this.steps.push({ kind: 'pool', layer: 'fc', input: this.nameOf(input), output: 'pool', positions });
    this.sizes.set('pool', shape.channels);
    const map: LinearMap = { kind: 'conv', in: [shape.channels, 1, 1], out: [classes, 1, 1], kernel: 1, stride: 1 };
    return this.#addLinear('fc', map, { kind: 'classifier', positions }, ['pool'], classes);
  }

  #normalised(tensor: TensorId, norm: string, shape: TensorShape): string {
    const name = this.nameOf(tensor);
    if (this.#folded.get(tensor) === norm) return name;
    const size = shape.height * shape.width;
    const channel = Int32Array.from({ length: volume(shape) }, (_, i) => Math.floor(i / size));
    const map: LinearMap = { kind: 'diagonal', terms: 1, channel, channels: shape.channels };
    return this.#addLinear(norm, map, { kind: 'norm', norm }, [name], volume(shape));
  }

  #gate(layer: SiteLayer, z: string): string {
    const { affine, ...plan } = this.plans.get(layer.id)!;
    let output = z;
    if (plan.compared.length + plan.multiplexed.length + plan.squared.length > 0) {
      output = `${layer.id}:p`;
      this.sizes.set(output, volume(layer.shape));
      this.steps.push({ kind: 'gate', layer: layer.id, index: this.#gates++, input: z, output, ...plan });
    }
    if (affine.length === 0) return output;
    const size = layer.shape.height * layer.shape.width;
    const map: LinearMap = {
      kind: 'diagonal',
      terms: 2,
      channel: affine.map((neuron) => Math.floor(neuron / size)),
      channels: layer.shape.channels,
    };
    return this.#addLinear(
      `${layer.id} affine`,
      map,
      { kind: 'gate', site: layer.id },
      [output, z],
      volume(layer.shape),
      affine,
    );
  }

  #addLinear(
    layer: string,
    map: LinearMap,
    source: WeightSource,
    inputs: string[],
    size: number,
    neurons: Int32Array | null = null,
  ): string {
    const output = `${layer}:y`;
    this.steps.push({ kind: 'linear', layer, index: this.#linear++, map, source, inputs, neurons, output });
    this.sizes.set(output, size);
    return output;
  }

  #addSum(layer: string, a: string, b: string): string {
    const output = `${layer}:sum`;
    this.steps.push({ kind: 'add', layer, inputs: [a, b], output });
    this.sizes.set(output, this.sizes.get(a)!);
    return output;
  }
}

/** @throws UnsupportedNetwork */
export function compile(network: PublicNetwork): Program {
  const layers = layersOf(network.network);
  const plans = gatePlans(network);
  const compiler = new Compiler(layers, plans);
  compiler.sizes.set(
    INPUT,
    network.network.inputShape.reduce((product, n) => product * n, 1),
  );
  let output = INPUT as string;
  let classes = 0;
  for (const layer of layers) {
    if (layer.kind === 'conv') compiler.conv(layer);
    else if (layer.kind === 'site') compiler.site(layer);
    else {
      output = compiler.head(layer.input, layer.in, layer.classes);
      classes = layer.classes;
    }
  }
  const sum = (key: 'compared' | 'multiplexed' | 'squared') =>
    [...plans.values()].reduce((total, plan) => total + plan[key].length, 0);
  return {
    steps: compiler.steps,
    input: INPUT,
    output,
    sizes: compiler.sizes,
    classes,
    comparisons: sum('compared'),
    multiplexers: sum('multiplexed'),
    squares: sum('squared'),
  };
}
