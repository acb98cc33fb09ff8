/**
 * Base oblivious transfer of random keys on ristretto255: the "simplest" protocol (Chou & Orlandi, LATINCRYPT 2015), secure against
 * semi-honest parties under computational Diffie-Hellman with the hash as a random oracle.
 *
 *   sender     a random, A = aG                         → A
 *   receiver   b_i random, B_i = b_i G + c_i A          → B_i
 *   keys       sender k_i0 = H(i, A, B_i, aB_i), k_i1 = H(i, A, B_i, aB_i − aA); receiver k_i = H(i, A, B_i, b_i A)
 *
 * H is BLAKE3 with 32 bytes out.
 */
import { ristretto255 } from '@noble/curves/ed25519.js';
import { blake3 } from '@noble/hashes/blake3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { ProtocolError } from './errors.ts';

const { Point } = ristretto255;
type CurvePoint = InstanceType<typeof Point>;

export const POINT_BYTES = 32;
/** Transfers that an extension starts from: its computational security parameter. */
export const BASE_TRANSFERS = 128;

/** A uniform non-zero scalar: 64 random bytes mod the group's order. */
function randomScalar(): bigint {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(64));
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return (value % (Point.Fn.ORDER - 1n)) + 1n;
}

function pointOf(bytes: Uint8Array): CurvePoint {
  try {
    return Point.fromBytes(bytes);
  } catch (cause) {
    throw new ProtocolError('The other party sent bytes that are no ristretto255 point.', { cause });
  }
}

const DOMAIN = utf8ToBytes('relu-studio base transfer v1');

function keyOf(index: number, a: Uint8Array, b: Uint8Array, shared: CurvePoint): Uint8Array {
  const hash = blake3
    .create({})
    .update(DOMAIN)
    .update(new Uint8Array(new Uint32Array([index]).buffer));
  return hash.update(a).update(b).update(shared.toBytes()).digest();
}

export class BaseSender {
  readonly #secret = randomScalar();
  /** First message: A, 32 bytes. */
  readonly message: Uint8Array;

  constructor() {
    this.message = Point.BASE.multiply(this.#secret).toBytes();
  }

  /** From the receiver's points: a pair of 32-byte keys for each transfer. */
  keys(points: Uint8Array): [Uint8Array, Uint8Array][] {
    const shift = pointOf(this.message).multiply(this.#secret);
    return Array.from({ length: points.length / POINT_BYTES }, (_, i) => {
      const bytes = points.slice(i * POINT_BYTES, (i + 1) * POINT_BYTES);
      const shared = pointOf(bytes).multiply(this.#secret);
      return [keyOf(i, this.message, bytes, shared), keyOf(i, this.message, bytes, shared.subtract(shift))];
    });
  }
}

export class BaseReceiver {
  /** Answer to the sender: B_i, 32 bytes each. */
  readonly points: Uint8Array;
  /** The chosen key of each transfer. */
  readonly keys: Uint8Array[];

  /** @param choices 0 or 1 for each transfer */
  constructor(message: Uint8Array, choices: ArrayLike<number>) {
    const sender = pointOf(message);
    this.points = new Uint8Array(choices.length * POINT_BYTES);
    this.keys = Array.from({ length: choices.length }, (_, i) => {
      const secret = randomScalar();
      const own = Point.BASE.multiply(secret);
      const bytes = (choices[i] ? own.add(sender) : own).toBytes();
      this.points.set(bytes, i * POINT_BYTES);
      return keyOf(i, message, bytes, sender.multiply(secret));
    });
  }
}
