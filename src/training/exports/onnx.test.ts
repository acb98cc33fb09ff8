/** Exported ONNX files give in onnxruntime the logits that PyTorch's fixtures have, for every kind of gate. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { agreement, onnxLogits } from '../../../test/onnx.ts';
import { loadFixture } from '../../cli/fixtureFolder.ts';
import { encodeMasks, masksText } from '../../domain/masksFile.ts';
import { about } from '../../domain/testing.ts';
import type { TensorMap } from '../../engine/api.ts';
import { writeSafetensors } from '../../engine/weights.ts';
import { splitGateParameters } from '../exportMasks.ts';
import { importMasks } from '../importMasks.ts';
import { onnxModel } from './onnx.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/', import.meta.url));

/** The fixture's network after its training steps, its masks made binary where they were not. */
async function imported(name: string) {
  const { network, gates, images, tensors, batch } = await loadFixture(`${fixtures}${name}`);
  const weights: TensorMap = new Map();
  let soft = false;
  for (const [key, { shape, data }] of tensors) {
    if (!key.startsWith('after/')) continue;
    const alpha = key.endsWith('.alpha');
    soft ||= alpha && data.some((value) => value !== 0 && value !== 1);
    weights.set(key.slice('after/'.length), { shape, data: alpha ? data.map((v) => (v > 0.5 ? 1 : 0)) : data });
  }
  const { model, trained } = splitGateParameters(network, gates, weights);
  const { mean, std } = images;
  const file = encodeMasks({
    about: { ...about, dataset: { ...about.dataset, mean, std } },
    accuracy: { test: null, validation: null, denseTest: null },
    network,
    gates,
    trained,
  });
  const run = await importMasks(masksText(file), writeSafetensors(model));
  return { run, images, batch, soft, expected: tensors.get('logits_eval')!.data };
}

describe('in onnxruntime', () => {
  test.each(['relu', 'relu-odd-widths', 'share-hard'])("%s has PyTorch's logits", async (name) => {
    const { run, images, batch, soft, expected } = await imported(name);
    expect(soft).toBe(false);
    const logits = await onnxLogits(onnxModel(run), images, batch);
    const { error, sameClass } = agreement(logits, expected, run.masks.network.classes);
    expect(error).toBeLessThan(1e-5);
    expect(sameClass).toBe(1);
  });

  test('the same run gives the same bytes', async () => {
    const { run } = await imported('snl-over-share');
    expect(onnxModel(run)).toEqual(onnxModel(run));
  });
});
