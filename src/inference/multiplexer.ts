/**
 * The multiplexer: shares of z · d from shares z = z_c + z_s mod 2^64 and d = d_c ⊕ d_s.
 *
 *   z·d = Σ over both parties p of  d_p z_p + d_q (1 − 2 d_p) z_p,  q the other party
 *
 * The first summand is local, the second one correlated oblivious transfer: p is the sender with δ = (1 − 2 d_p) z_p, q chooses by d_q.
 * With K_0, K_1 the two pads, the sender sends y = K_0 − K_1 + δ and keeps −K_0; the receiver keeps K_d + d·y. Pads are hashes of the
 * rows of the OT extension under (comparison, neuron, direction and step): a comparison that several neurons consult needs one row only.
 */
import type { LabelHash } from './labelHash.ts';
import { zeros } from './ring.ts';
import type { RingVector } from './ring.ts';

/** Third tweak word; the step's number is added above them. */
export const CLIENT_RECEIVES = 2;
export const SERVER_RECEIVES = 3;
const DOMAINS = 16;

const TWO32 = 2 ** 32;

/** Rows of transferred bits, one a comparison, and the session's index of the first. */
export interface PadRows {
  rows: Uint32Array;
  first: number;
}

/** The multiplexers of one step. */
export interface Multiplexed {
  /** Number of the step in the program. */
  step: number;
  /** Neurons, over all images of the batch. */
  neurons: Int32Array;
  /** Place of each neuron's bit among the comparisons. */
  places: Int32Array;
}

function pad(
  hash: LabelHash,
  { rows, first }: PadRows,
  place: number,
  offset: Uint32Array | null,
  neuron: number,
  domain: number,
) {
  const at = 4 * place;
  if (offset)
    hash.hash(
      rows[at] ^ offset[0],
      rows[at + 1] ^ offset[1],
      rows[at + 2] ^ offset[2],
      rows[at + 3] ^ offset[3],
      first + place,
      neuron,
      domain,
    );
  else hash.hash(rows[at], rows[at + 1], rows[at + 2], rows[at + 3], first + place, neuron, domain);
}

/** vector[at] += sign · (low + 2^32 high). */
function accumulate(vector: RingVector, at: number, low: number, high: number, sign: 1 | -1): void {
  const sum = vector[at] + sign * (low >>> 0);
  vector[at] = sum;
  vector[at + 1] += sign * (high >>> 0) + (sum >= TWO32 ? 1 : sum < 0 ? -1 : 0);
}

/**
 * The sender's side, with its local summand.
 * @param offset the sender's offset of the extension
 * @param flips 1: the receiver's choice is the complement of the bit it extended with; null: none is
 * @param own the sender's shares of the bits, by place
 * @param z the sender's shares, by neuron
 * @param shares the sender's shares of the products, added to
 * @returns y for the receiver
 */
export function sendProducts(
  hash: LabelHash,
  pads: PadRows,
  offset: Uint32Array,
  flips: Uint8Array | null,
  direction: number,
  { step, neurons, places }: Multiplexed,
  own: Uint8Array,
  z: RingVector,
  shares: RingVector,
): RingVector {
  const payload = zeros(neurons.length);
  const { out } = hash;
  const domain = direction + DOMAINS * step;
  for (let i = 0; i < neurons.length; i++) {
    const place = places[i];
    const neuron = neurons[i];
    const at = 2 * i;
    const flipped = flips !== null && flips[place] === 1;
    pad(hash, pads, place, flipped ? offset : null, neuron, domain);
    accumulate(payload, at, out[0], out[1], 1);
    accumulate(shares, at, out[0], out[1], -1);
    pad(hash, pads, place, flipped ? null : offset, neuron, domain);
    accumulate(payload, at, out[0], out[1], -1);
    const low = z[2 * neuron];
    const high = z[2 * neuron + 1];
    accumulate(payload, at, low, high, own[place] ? -1 : 1);
    if (own[place]) accumulate(shares, at, low, high, 1);
  }
  return payload;
}

/** The receiver's side: adds K_d + d·y to `shares`. `own`: the bits d by place. */
export function receiveProducts(
  hash: LabelHash,
  pads: PadRows,
  direction: number,
  { step, neurons, places }: Multiplexed,
  own: Uint8Array,
  payload: RingVector,
  shares: RingVector,
): void {
  const { out } = hash;
  const domain = direction + DOMAINS * step;
  for (let i = 0; i < neurons.length; i++) {
    const at = 2 * i;
    pad(hash, pads, places[i], null, neurons[i], domain);
    accumulate(shares, at, out[0], out[1], 1);
    if (own[places[i]]) accumulate(shares, at, payload[at], payload[at + 1], 1);
  }
}
