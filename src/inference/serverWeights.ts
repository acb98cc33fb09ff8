/**
 * The server's secrets: the numbers of every linear step, batch norms folded in.
 *
 *   f = γ / √(σ² + 1e-5);  weight ← f · w;  bias = β − f · μ        (per output channel)
 */
import type { SiteIdMap } from '../domain/gateMap.ts';
import type { TrainedGate } from '../domain/masksFile.ts';
import { UnsupportedNetwork } from './errors.ts';
import { outputSize, weightCount } from './linearMap.ts';
import { FRACTION_BITS, WEIGHT_BITS } from './program.ts';
import type { LinearStep, Program } from './program.ts';
import { addInto, fromReals, repeated } from './ring.ts';
import type { RingVector } from './ring.ts';

const EPSILON = 1e-5;

/** Named tensors with PyTorch's names and layouts, as a safetensors file holds them. */
export type Tensors = ReadonlyMap<string, { data: ArrayLike<number> }>;

/** Real numbers of one linear step: the map's weights, and a bias for each output. */
export interface LinearWeights {
  weights: Float64Array;
  bias: Float64Array;
}

/** The same in the ring: weights with WEIGHT_BITS, biases with both and half a unit for rounding. */
export interface QuantizedWeights {
  weights: RingVector;
  bias: RingVector;
}

class Reader {
  constructor(
    readonly tensors: Tensors,
    readonly trained: SiteIdMap<TrainedGate>,
  ) {}

  data(name: string): ArrayLike<number> {
    const tensor = this.tensors.get(name);
    if (!tensor) throw new UnsupportedNetwork(`The weights lack "${name}".`);
    return tensor.data;
  }

  norm(name: string): { factor: Float64Array; offset: Float64Array } {
    const [weight, bias, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      this.data(`${name}.${part}`),
    );
    const factor = Float64Array.from({ length: weight.length }, (_, c) => weight[c] / Math.sqrt(variance[c] + EPSILON));
    return { factor, offset: factor.map((f, c) => bias[c] - f * mean[c]) };
  }

  step({ map, source }: LinearStep): LinearWeights {
    const weights = new Float64Array(weightCount(map));
    const bias = new Float64Array(outputSize(map));
    if (source.kind === 'conv' && map.kind === 'conv') {
      const values = this.data(`${source.name}.weight`);
      const norm = source.norm === null ? null : this.norm(source.norm);
      const each = weights.length / map.out[0];
      const positions = bias.length / map.out[0];
      for (let i = 0; i < weights.length; i++) weights[i] = values[i] * (norm?.factor[Math.floor(i / each)] ?? 1);
      if (norm) for (let i = 0; i < bias.length; i++) bias[i] = norm.offset[Math.floor(i / positions)];
    } else if (source.kind === 'norm' && map.kind === 'diagonal') {
      const { factor, offset } = this.norm(source.norm);
      weights.set(factor);
      for (let i = 0; i < bias.length; i++) bias[i] = offset[map.channel[i]];
    } else if (source.kind === 'classifier') {
      const values = this.data('fc.weight');
      for (let i = 0; i < weights.length; i++) weights[i] = values[i] / source.positions;
      bias.set(Float64Array.from(this.data('fc.bias')));
    } else if (source.kind === 'gate' && map.kind === 'diagonal') {
      const { scale, shift } = this.trained[source.site] ?? {};
      for (let c = 0; c < map.channels; c++) {
        weights[c] = scale?.[c] ?? 1;
        weights[map.channels + c] = shift?.[c] ?? 0;
      }
    }
    return { weights, bias };
  }
}

/** @throws UnsupportedNetwork where a tensor is missing. */
export function weightsOf(program: Program, tensors: Tensors, trained: SiteIdMap<TrainedGate>): LinearWeights[] {
  const reader = new Reader(tensors, trained);
  return program.steps.flatMap((step) => (step.kind === 'linear' ? [reader.step(step)] : []));
}

/** @throws RangeError where a number is too large for the fixed point. */
export function quantize({ weights, bias }: LinearWeights): QuantizedWeights {
  const scaled = fromReals(bias, FRACTION_BITS + WEIGHT_BITS);
  return {
    weights: fromReals(weights, WEIGHT_BITS),
    bias: addInto(scaled, repeated(bias.length, 2 ** (WEIGHT_BITS - 1))),
  };
}
