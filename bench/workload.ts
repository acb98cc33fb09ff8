/**
 * What every contender trains: the same network, initial weights, images and recipe.
 */
import { layersOf, type NetworkSpec } from '../src/domain/network.ts';
import type { ImageSet, StepSettings, TensorMap } from '../src/engine/api.ts';
import { pcg } from '../src/engine/augment.ts';
import { initialWeights } from '../src/engine/initial.ts';

export interface Configuration {
  name: string;
  network: NetworkSpec;
  batch: number;
  /** Only where there is a real GPU. */
  hardware: boolean;
}

const resnet18 = (widths: number[]): NetworkSpec => ({
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths,
  stemGate: true,
  inputShape: [3, 32, 32],
  classes: 10,
});
const doubling = (m: number) => [m, 2 * m, 4 * m, 8 * m];

export const CONFIGURATIONS: Configuration[] = [
  { name: 'm16-b16', network: resnet18(doubling(16)), batch: 16, hardware: false },
  { name: 'm32-b16', network: resnet18(doubling(32)), batch: 16, hardware: false },
  { name: 'm64-b128', network: resnet18(doubling(64)), batch: 128, hardware: true },
  { name: 'hrn553-m16-b128', network: resnet18([16, 80, 400, 1200]), batch: 128, hardware: true },
];

/** A step walks through so many batches in turn. */
export const BATCHES = 4;

/** SGD as dense training uses it, with a rate low enough that rounding does not grow in the first steps; no augmentation. */
export const RECIPE = { learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 };

export const stepSettings: StepSettings = {
  optimizer: { kind: 'sgd', momentum: RECIPE.momentum, weightDecay: RECIPE.weightDecay },
  learningRate: RECIPE.learningRate,
  lambda: 0,
  trainMasks: false,
  trainAffine: false,
  distillation: null,
  soft: null,
  augment: null,
};

export const weightsOf = ({ network }: Configuration): TensorMap => initialWeights(network, 1);

/** Noise in blocks of 4 × 4 pixels, tinted by the label: something that a few steps can learn. */
export function imagesOf({ network, batch }: Configuration): ImageSet {
  const count = BATCHES * batch;
  const [channels, height, width] = network.inputShape;
  const labels = Uint8Array.from({ length: count }, (_, i) => pcg(i) % network.classes);
  const images = new Uint8Array(count * channels * height * width);
  for (let i = 0, at = 0; i < count; i++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const noise = pcg(((i * channels + c) * height + (y >> 2)) * width + (x >> 2)) & 127;
          images[at++] = noise + ((labels[i] * (c + 3) * 37) & 127);
        }
  return {
    images,
    labels,
    count,
    shape: network.inputShape,
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.2023, 0.1994, 0.201],
  };
}

/** Multiply-accumulates of one image's forward pass, shortcuts and classifier included. */
export function macsOf(network: NetworkSpec): number {
  return layersOf(network).reduce((sum, layer) => {
    if (layer.kind === 'conv')
      return sum + layer.in.channels * layer.out.channels * layer.kernel ** 2 * layer.out.height * layer.out.width;
    return layer.kind === 'head' ? sum + layer.in.channels * layer.classes : sum;
  }, 0);
}

/** A training step by the usual count: 2 operations a MAC, forward and twice as much backward. */
export const flopsOf = ({ network, batch }: Configuration): number => 6 * macsOf(network) * batch;
