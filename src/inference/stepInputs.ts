/**
 * What a linear step reads and writes, for vectors of several images one after the other.
 */
import type { LinearStep } from './program.ts';
import { addInto, gather, scatter, zeros } from './ring.ts';
import type { RingVector } from './ring.ts';

/** Indices within one image, for each of `images` images of `size` neurons. */
export function forImages(indices: Int32Array, size: number, images: number): Int32Array {
  const all = new Int32Array(indices.length * images);
  for (let image = 0; image < images; image++)
    for (let i = 0; i < indices.length; i++) all[image * indices.length + i] = image * size + indices[i];
  return all;
}

/** The map's input: the whole tensor, or for each image the chosen neurons of each input tensor. */
export function readInputs(
  step: LinearStep,
  size: number,
  tensors: ReadonlyMap<string, RingVector>,
  images: number,
): RingVector {
  const parts = step.inputs.map((name) => tensors.get(name)!);
  if (step.neurons === null && parts.length === 1) return parts[0];
  const neurons = step.neurons!;
  const result = zeros(images * parts.length * neurons.length);
  for (let image = 0; image < images; image++)
    parts.forEach((part, term) => {
      const values = gather(part.subarray(2 * image * size, 2 * (image + 1) * size), neurons);
      result.set(values, 2 * (image * parts.length + term) * neurons.length);
    });
  return result;
}

/** The step's output tensor from the map's output. */
export function writeOutput(
  step: LinearStep,
  size: number,
  tensors: ReadonlyMap<string, RingVector>,
  images: number,
  values: RingVector,
): RingVector {
  if (step.neurons === null) return values;
  const result = tensors.get(step.inputs[0])!.slice();
  scatter(result, forImages(step.neurons, size, images), values);
  return result;
}

/** y ← y + the same bias for each image. */
export function addBias(y: RingVector, bias: RingVector): RingVector {
  for (let from = 0; from < y.length; from += bias.length) addInto(y.subarray(from, from + bias.length), bias);
  return y;
}

/** Sums over positions: (images · C · positions) → (images · C). */
export function poolSums(values: RingVector, positions: number): RingVector {
  const result = zeros(values.length / 2 / positions);
  for (let i = 0; i < result.length / 2; i++)
    for (let p = 0; p < positions; p++) {
      const at = 2 * (i * positions + p);
      addInto(result.subarray(2 * i, 2 * i + 2), values.subarray(at, at + 2));
    }
  return result;
}
