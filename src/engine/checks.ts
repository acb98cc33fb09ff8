/**
 * What every engine asks of the images and indices that it is given. A GPU would not mind: an index beyond the data reads another
 * image and a label beyond the classes another image's logits, and the numbers that come out look like numbers.
 */
import type { NetworkSpec } from '../domain/network.ts';
import type { ImageSet } from './api.ts';
import { ImagesError } from './errors.ts';

/** @throws ImagesError where the network cannot take the images or tell their classes apart. */
export function checkImages({ shape, labels, mean, std }: ImageSet, { inputShape, classes }: NetworkSpec): void {
  if (shape.join() !== inputShape.join())
    throw new ImagesError(`The images are ${shape.join('×')}, the network takes ${inputShape.join('×')}.`);
  if (mean.length !== shape[0] || std.length !== shape[0])
    throw new ImagesError(
      `Every channel of the images needs a mean and a std: ${shape[0]} of each, not ${mean.length} and ${std.length}.`,
    );
  const stray = labels.find((label) => label >= classes);
  if (stray !== undefined)
    throw new ImagesError(`An image has label ${stray}, the network tells only ${classes} classes apart.`);
}

/** @throws ImagesError naming the first index beyond the data set. */
export function checkIndices(indices: Uint32Array, count: number): void {
  const stray = indices.find((index) => index >= count);
  if (stray !== undefined) throw new ImagesError(`Image ${stray} was asked for, and the data set has ${count}.`);
}

/** @throws ImagesError where a step of `batch` images from `at` on does not lie within the order. */
export function checkStep(at: number, batch: number, length: number): void {
  if (!Number.isInteger(at) || at < 0 || at + batch > length)
    throw new ImagesError(`A step on images ${at} … ${at + batch - 1} of an order of ${length}.`);
}
