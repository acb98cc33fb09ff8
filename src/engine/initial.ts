/**
 * Initial weights from a seed.
 *
 * | scheme    | conv weight                          | fc weight, bias   | why                                                    |
 * |-----------|--------------------------------------|-------------------|--------------------------------------------------------|
 * | `pytorch` | U(−b, b), b = 1/√fan_in              | U(−1/√in, 1/√in)  | what nn.Conv2d and nn.Linear do (kaiming_uniform_, a = √5) |
 * | `kaiming` | U(−b, b), b = √(6/fan_out)           | as above          | variance 2/fan_out (He et al. 2015), torchvision's ResNet  |
 *
 * Batch norm: weight 1, bias 0, running mean 0, running variance 1. Only uniform draws, made from integers and one exactly
 * rounded square root, so that every machine gets the same bits. Each tensor has a stream of its own, from (seed, its name):
 * another width in one layer leaves the other layers' weights as they were.
 */
import { fnv1a } from '../domain/hash.ts';
import { parametersOf, type NetworkSpec, type ParameterShape } from '../domain/network.ts';
import { Random } from '../domain/random.ts';
import type { TensorMap } from './api.ts';

export type InitialScheme = 'pytorch' | 'kaiming';

function uniform(length: number, bound: number, seed: number, name: string): Float32Array {
  // 12 outputs of warm-up part neighbouring seeds.
  const random = Random.ofWords(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, fnv1a(name), 12);
  // 24 bits, at the middle of their interval: symmetric about zero and exact in float32.
  return Float32Array.from({ length }, () => (((random.uint32() >>> 8) + 0.5) * 2 ** -23 - 1) * bound);
}

function draw(
  { name, shape, role }: ParameterShape,
  seed: number,
  scheme: InitialScheme,
  fcInputs: number,
): Float32Array {
  const length = shape.reduce((product, n) => product * n, 1);
  switch (role) {
    case 'norm-weight':
    case 'running-var':
      return new Float32Array(length).fill(1);
    case 'norm-bias':
    case 'running-mean':
      return new Float32Array(length);
    case 'fc-weight':
    case 'fc-bias':
      return uniform(length, 1 / Math.sqrt(fcInputs), seed, name);
    case 'conv': {
      const [outputs, inputs, kernelHeight, kernelWidth] = shape;
      const taps = kernelHeight * kernelWidth;
      const bound = scheme === 'pytorch' ? 1 / Math.sqrt(inputs * taps) : Math.sqrt(6 / (outputs * taps));
      return uniform(length, bound, seed, name);
    }
  }
}

/**
 * Every weight and batch-norm buffer of the network, PyTorch names and layouts. Gate parameters are not among them: the engine
 * starts them at alpha 1, scale 1, shift 0.
 * @param seed a whole number, 0 … 2^53 − 1
 */
export function initialWeights(network: NetworkSpec, seed: number, scheme: InitialScheme = 'pytorch'): TensorMap {
  const parameters = parametersOf(network);
  const fcInputs = parameters.find((p) => p.role === 'fc-weight')!.shape[1];
  return new Map(parameters.map((p) => [p.name, { shape: p.shape, data: draw(p, seed, scheme, fcInputs) }]));
}
