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
import { parametersOf, type NetworkSpec, type ParameterShape } from '../domain/network.ts';
import type { TensorMap } from './api.ts';

export type InitialScheme = 'pytorch' | 'kaiming';

/** FNV-1a, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** sfc32 (Doty-Humphrey, PractRand): small, fast, passes BigCrush; 12 rounds of warm-up part neighbouring seeds. */
function sfc32(a: number, b: number, c: number): () => number {
  let counter = 1;
  const next = () => {
    const out = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}

function uniform(length: number, bound: number, seed: number, name: string): Float32Array {
  const next = sfc32(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, hashText(name));
  // 24 bits, at the middle of their interval: symmetric about zero and exact in float32.
  return Float32Array.from({ length }, () => (((next() >>> 8) + 0.5) * 2 ** -23 - 1) * bound);
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
