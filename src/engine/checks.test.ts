/** What the engine refuses before any work on the GPU: sizes, labels and indices out of range. */
import { describe, expect, it } from 'vitest';
import type { NetworkSpec } from '../domain/network.ts';
import type { ImageSet } from './api.ts';
import { checkImages, checkIndices, checkStep } from './checks.ts';
import { ImagesError } from './errors.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [4],
  stemGate: true,
  inputShape: [1, 6, 5],
  classes: 3,
};
const images: ImageSet = {
  images: new Uint8Array(2 * 30),
  labels: Uint8Array.of(0, 2),
  count: 2,
  shape: [1, 6, 5],
  mean: [0.5],
  std: [0.25],
};
const check = (change: Partial<ImageSet>) => checkImages({ ...images, ...change }, network);

describe('images for a network', () => {
  it('pass with its shape, its classes and a mean and deviation a channel', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ labels: Uint16Array.of(2, 1) })).not.toThrow();
  });

  it.each<[string, Partial<ImageSet>, RegExp]>([
    ['another shape', { shape: [1, 5, 6] }, /1×5×6.*1×6×5/],
    ['a label beyond the classes', { labels: Uint16Array.of(0, 300) }, /label 300.*3 classes/],
    ['too many means', { mean: [0.5, 0.5, 0.5] }, /1 of each, not 3 and 1/],
    ['no deviation', { std: [] }, /1 of each, not 1 and 0/],
  ])('are refused with %s', (_, change, message) => {
    expect(() => check(change)).toThrow(ImagesError);
    expect(() => check(change)).toThrow(message);
  });
});

describe('indices and steps', () => {
  it('lie within the data and the order, up to the last', () => {
    expect(() => checkIndices(Uint32Array.of(0, 4, 4), 5)).not.toThrow();
    expect(() => checkIndices(new Uint32Array(), 0)).not.toThrow();
    expect(() => checkIndices(Uint32Array.of(1, 5), 5)).toThrow(/Image 5 .* 5\./);
    expect(() => checkStep(6, 4, 10)).not.toThrow();
  });

  it.each([7, -1, 0.5, Number.NaN])('a step of 4 at %d of 10 is refused', (at) => {
    expect(() => checkStep(at, 4, 10)).toThrow(ImagesError);
  });
});
