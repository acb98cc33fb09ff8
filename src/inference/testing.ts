/** Networks with random weights for the tests of private inference. */
import type { GateMap, SiteIdMap } from '../domain/gateMap.ts';
import type { TrainedGate } from '../domain/masksFile.ts';
import { parametersOf } from '../domain/network.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { mulberry32 } from '../domain/random.ts';
import { compile } from './program.ts';
import { publicNetworkOf } from './publicNetwork.ts';
import type { ServerModel } from './server.ts';
import { weightsOf } from './serverWeights.ts';

/** Roughly normal with variance 1. */
export const normalFrom = (next: () => number) => (): number =>
  Array.from({ length: 12 }, next).reduce((sum, value) => sum + value, -6);

/** He-initialised convolutions and batch norms away from the identity, under PyTorch's names. */
export function randomTensors(
  network: NetworkSpec,
  seed: number,
): Map<string, { shape: number[]; data: Float32Array }> {
  const next = mulberry32(seed);
  const normal = normalFrom(next);
  const draw = {
    conv: (fan: number) => normal() * Math.sqrt(2 / fan),
    'fc-weight': (fan: number) => normal() / Math.sqrt(fan),
    'fc-bias': () => normal() * 0.1,
    'norm-weight': () => 0.8 + 0.4 * next(),
    'norm-bias': () => 0.2 * normal(),
    'running-mean': () => 0.2 * normal(),
    'running-var': () => 0.5 + next(),
  };
  return new Map(
    parametersOf(network).map(({ name, shape, role }) => {
      const count = shape.reduce((product, n) => product * n, 1);
      const fan = count / shape[0];
      return [name, { shape, data: Float32Array.from({ length: count }, () => draw[role](fan)) }];
    }),
  );
}

export function modelOf(network: NetworkSpec, gates: GateMap, trained: SiteIdMap<TrainedGate>, seed = 1): ServerModel {
  const open = publicNetworkOf(network, gates, trained, { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] });
  return { network: open, weights: weightsOf(compile(open), randomTensors(network, seed), trained) };
}

export function randomImages(network: NetworkSpec, count: number, seed = 7): Float64Array {
  const normal = normalFrom(mulberry32(seed));
  const [channels, height, width] = network.inputShape;
  return Float64Array.from({ length: count * channels * height * width }, normal);
}

export const TINY: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1, 1],
  widths: [4, 6],
  stemGate: true,
  inputShape: [3, 8, 8],
  classes: 5,
};

/** Every kind of gate at once: kept and removed neurons, a masked prototype, a borrower, a raw channel that is borrowed, an identity. */
export function mixedGates(seed = 3): { gates: GateMap; trained: SiteIdMap<TrainedGate> } {
  const next = mulberry32(seed);
  const bits = (count: number) => Uint8Array.from({ length: count }, () => (next() < 0.5 ? 1 : 0));
  const values = (count: number) => Float32Array.from({ length: count }, () => 2 * next() - 1);
  const scale = Float32Array.from([1, 0.7, -0.4, 0]);
  const shift = Float32Array.from([0, 0.2, 0.9, -0.6]);
  return {
    gates: {
      stem: { kind: 'mask', granularity: 'pixel' },
      'layer1.0.gate1': {
        kind: 'share',
        from: null,
        prototypes: [0],
        source: [0, 0, 0, 0],
        masked: true,
        affine: 'trained',
      },
      'layer1.0.gate2': {
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [0, 0, 1, 0],
        masked: false,
        affine: 'trained',
      },
      'layer2.0.gate1': { kind: 'identity' },
      'layer2.0.gate2': { kind: 'relu' },
    },
    trained: {
      stem: { kept: bits(4 * 64) },
      'layer1.0.gate1': { kept: bits(64), scale, shift },
      'layer1.0.gate2': { scale: values(4), shift: values(4) },
    },
  };
}
