/** A run's two files as the server of private inference, and pictures as its client takes them. */
import { parseMasks } from '../../domain/masksFile.ts';
import { canonicalNames, checkWeights, readSafetensors } from '../../engine/weights.ts';
import { UnsupportedNetwork } from '../../inference/errors.ts';
import { compile } from '../../inference/program.ts';
import { publicNetworkOf } from '../../inference/publicNetwork.ts';
import type { PublicNetwork } from '../../inference/publicNetwork.ts';
import type { ServerModel } from '../../inference/server.ts';
import { weightsOf } from '../../inference/serverWeights.ts';
import type { PictureSet } from './messages.ts';

/** @throws MasksFileError, WeightsError, UnsupportedNetwork */
export function loadModel(masksText: string, weightsFile: Uint8Array): ServerModel {
  const masks = parseMasks(masksText);
  const tensors = canonicalNames(readSafetensors(weightsFile).tensors);
  checkWeights(tensors, masks.network);
  const network = publicNetworkOf(masks.network, masks.gates, masks.trained, masks.about.dataset);
  return { network, weights: weightsOf(compile(network), tensors, masks.trained) };
}

/**
 * Normalised pixels, (N · C·H·W). Pictures whose sides are a multiple of the network's input are averaged down.
 * @throws UnsupportedNetwork where they do not fit
 */
export function pixelsOf({ width, height, rgba }: PictureSet, { network, mean, std }: PublicNetwork): Float64Array {
  const [channels, rows, columns] = network.inputShape;
  const factor = height / rows;
  if (channels !== 3 || !Number.isInteger(factor) || width !== factor * columns)
    throw new UnsupportedNetwork(
      `The images are 3×${height}×${width}, but the network takes ${network.inputShape.join('×')}.`,
    );
  const count = rgba.length / (4 * width * height);
  const pixels = new Float64Array(count * channels * rows * columns);
  for (let n = 0, at = 0; n < count; n++)
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < rows; y++)
        for (let x = 0; x < columns; x++, at++) {
          let sum = 0;
          for (let dy = 0; dy < factor; dy++)
            for (let dx = 0; dx < factor; dx++)
              sum += rgba[4 * ((n * height + y * factor + dy) * width + x * factor + dx) + c];
          pixels[at] = (Math.round(sum / factor ** 2) / 255 - mean[c]) / std[c];
        }
  return pixels;
}
