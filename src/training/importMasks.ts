/**
 * masks.json and its weights → a network that can be evaluated, analysed and trained further. The domain checks the masks file,
 * the engine the weights; this file checks that they belong together.
 */
import { gateOf } from '../domain/gateMap.ts';
import { sha256Hex } from '../domain/hash.ts';
import { parseMasks, type ReadMasks } from '../domain/masksFile.ts';
import { parametersOf, sitesOf } from '../domain/network.ts';
import type { TensorMap } from '../engine/api.ts';
import { gateParametersOf } from '../engine/gateParameters.ts';
import { canonicalNames, checkWeights, readSafetensors } from '../engine/weights.ts';
import type { WarmStart } from './trainer.ts';

export interface ImportedRun extends WarmStart {
  masks: ReadMasks;
  /** False: the weights are not the file that masks.json was written with (another sum); they fit all the same. */
  sameWeights: boolean;
}

/** The weights of the network and its gates: masks as α of 0 and 1, scale and shift from masks.json. */
function withGates(masks: ReadMasks, tensors: TensorMap): TensorMap {
  const { network, gates, trained } = masks;
  const weights: TensorMap = new Map(parametersOf(network).map(({ name }) => [name, tensors.get(name)!]));
  const shapes = new Map(gateParametersOf(network, gates).map(({ name, shape }) => [name, shape]));
  const put = (name: string, data: Float32Array | undefined) => {
    const shape = shapes.get(name);
    if (shape && data) weights.set(name, { shape, data });
  };
  for (const { id } of sitesOf(network)) {
    if (gateOf(gates, id).kind === 'relu' || gateOf(gates, id).kind === 'identity') continue;
    const { kept, scale, shift } = trained[id];
    put(`${id}.alpha`, kept && Float32Array.from(kept));
    put(`${id}.scale`, scale);
    put(`${id}.shift`, shift);
  }
  return weights;
}

/**
 * @throws MasksFileError naming the site, or WeightsError naming the tensor; nothing has been changed then.
 */
export async function importMasks(text: string, weightsFile: Uint8Array<ArrayBuffer>): Promise<ImportedRun> {
  const masks = parseMasks(text);
  const tensors = canonicalNames(readSafetensors(weightsFile).tensors);
  checkWeights(tensors, masks.network);
  const sum = await sha256Hex(weightsFile);
  return {
    masks,
    gates: masks.gates,
    weights: withGates(masks, tensors),
    denseTestAccuracy: masks.accuracy.denseTest,
    sameWeights: sum === masks.about.weights.sha256.toLowerCase(),
  };
}
