/** The two files of a finished run with random weights and half of its first gate's neurons kept: what private inference is tested with. */
import { sha256Hex } from '../src/domain/hash.ts';
import { encodeMasks, masksText } from '../src/domain/masksFile.ts';
import type { NetworkSpec } from '../src/domain/network.ts';
import { mulberry32 } from '../src/domain/random.ts';
import { writeSafetensors } from '../src/engine/weights.ts';
import { randomTensors } from '../src/inference/testing.ts';

export const PRIVATE_NETWORK: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [2],
  stemGate: false,
  inputShape: [3, 32, 32],
  classes: 10,
};
export const MEAN = [0.5, 0.4, 0.3];
export const STD = [0.2, 0.25, 0.3];

const next = mulberry32(8);
export const privateTensors = randomTensors(PRIVATE_NETWORK, 5);
export const privateGates = { 'layer1.0.gate1': { kind: 'mask' as const, granularity: 'pixel' as const } };
export const privateTrained = {
  'layer1.0.gate1': { kept: Uint8Array.from({ length: 2048 }, () => (next() < 0.3 ? 1 : 0)) },
};
/** DReLUs of one image: those kept at the first gate, and all of the second. */
export const PRIVATE_DRELUS = privateTrained['layer1.0.gate1'].kept.reduce((sum, bit) => sum + bit, 0) + 2048;

export async function privateRunFiles(): Promise<{ masks: string; weights: Uint8Array }> {
  const weights = writeSafetensors(new Map(privateTensors));
  const masks = encodeMasks({
    about: {
      generator: { name: 'test', version: '0' },
      createdAt: '2026-11-21T00:00:00Z',
      dataset: { name: 'synthetic', trainImages: 10, validationImages: 0, testImages: 10, mean: MEAN, std: STD },
      method: { name: 'snl' },
      weights: { file: 'model.safetensors', sha256: await sha256Hex(weights) },
    },
    accuracy: { test: null, validation: null, denseTest: null },
    network: PRIVATE_NETWORK,
    gates: privateGates,
    trained: privateTrained,
  });
  return { masks: masksText(masks), weights };
}
