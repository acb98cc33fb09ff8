/**
 * Correlated randomness of the offline phase: names of the streams that the dealer shares with each party, and what it computes.
 *
 * For each linear step with map W, per session: A uniform of W's size (server's). Per batch: r uniform (client's), s uniform (server's);
 * the dealer sends the client A·r − s. The server shows the client W − A once, which hides W as a one-time pad does, and the client
 * adds (W − A)·r:  u = W·r − s. So the dealer sees neither weights nor images, nor any message of the parties.
 *
 * For each gate with squares, per batch: α (client's), β and w (server's) uniform; the dealer sends the client α·β − w, element by element.
 */
import { applyMap, inputSize, outputSize, weightCount } from './linearMap.ts';
import type { LinearMap } from './linearMap.ts';
import type { Program } from './program.ts';
import { RandomStream } from './randomness.ts';
import { multiply, subtract } from './ring.ts';
import type { RingVector } from './ring.ts';

/** What the dealer must know: the shapes, which are public. In the order of the program's steps. */
export type Correlation =
  { kind: 'linear'; index: number; map: LinearMap } | { kind: 'square'; index: number; count: number };

export function correlationsOf(program: Program): Correlation[] {
  return program.steps.flatMap((step): Correlation[] => {
    if (step.kind === 'linear') return [{ kind: 'linear', index: step.index, map: step.map }];
    if (step.kind === 'gate' && step.squared.length > 0)
      return [{ kind: 'square', index: step.index, count: step.squared.length }];
    return [];
  });
}

/** First number of a stream's name. */
const NAMES = {
  weightMask: 1,
  inputMask: 2,
  outputMask: 3,
  squareClient: 4,
  squareServer: 5,
  squareOutput: 6,
} as const;

const draw = (seed: Uint8Array, name: keyof typeof NAMES, index: number, batch: number, count: number): RingVector =>
  new RandomStream(seed, NAMES[name], index, batch).ring(count);

/** The client's part, from the seed it shares with the dealer. */
export const clientMask = (
  seed: Uint8Array,
  index: number,
  map: LinearMap,
  batch: number,
  images: number,
): RingVector => draw(seed, 'inputMask', index, batch, images * inputSize(map));
export const clientSquareMask = (seed: Uint8Array, index: number, batch: number, count: number): RingVector =>
  draw(seed, 'squareClient', index, batch, count);

/** The server's part, from the seed it shares with the dealer. */
export const weightMask = (seed: Uint8Array, index: number, map: LinearMap): RingVector =>
  draw(seed, 'weightMask', index, 0, weightCount(map));
export const serverMask = (
  seed: Uint8Array,
  index: number,
  map: LinearMap,
  batch: number,
  images: number,
): RingVector => draw(seed, 'outputMask', index, batch, images * outputSize(map));
export const serverSquareMask = (seed: Uint8Array, index: number, batch: number, count: number): RingVector =>
  draw(seed, 'squareServer', index, batch, count);
export const serverSquareShare = (seed: Uint8Array, index: number, batch: number, count: number): RingVector =>
  draw(seed, 'squareOutput', index, batch, count);

/** Elements that the dealer sends the client for one correlation. */
export const dealtLength = (correlation: Correlation, images: number): number =>
  images * (correlation.kind === 'linear' ? outputSize(correlation.map) : correlation.count);

/** What the dealer sends the client for one correlation of one batch. */
export function dealt(
  correlation: Correlation,
  clientSeed: Uint8Array,
  serverSeed: Uint8Array,
  batch: number,
  images: number,
): RingVector {
  const { index } = correlation;
  if (correlation.kind === 'linear') {
    const { map } = correlation;
    const product = applyMap(
      map,
      weightMask(serverSeed, index, map),
      clientMask(clientSeed, index, map, batch, images),
      images,
    );
    return subtract(product, serverMask(serverSeed, index, map, batch, images));
  }
  const count = images * correlation.count;
  const product = multiply(
    clientSquareMask(clientSeed, index, batch, count),
    serverSquareMask(serverSeed, index, batch, count),
  );
  return subtract(product, serverSquareShare(serverSeed, index, batch, count));
}
