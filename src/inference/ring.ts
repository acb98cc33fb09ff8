/**
 * Vectors over Z_2^64, the ring of all shares. JavaScript has no fast 64-bit integers: a value is two 32-bit words.
 *
 *   layout    Uint32Array of 2n words: low word, high word (little-endian on the wire as it stands in memory)
 *   reals     x is round(x · 2^f), two's complement
 *   shares    value = client's share + server's share mod 2^64
 *
 * Truncation of shares is local (Mohassel & Zhang, SecureML, IEEE S&P 2017, theorem 1): each party shifts its own share. The sum is
 * floor(y / 2^f) or one more, except with probability at most |y| / 2^63, when it is off by 2^(64 − f).
 */

/** 2n words: low, high, low, high, … */
export type RingVector = Uint32Array;

const TWO32 = 2 ** 32;

export const zeros = (count: number): RingVector => new Uint32Array(2 * count);

/** round(x · 2^f) mod 2^64. @throws RangeError where a value is not finite or beyond ±2^52 after scaling. */
export function fromReals(values: ArrayLike<number>, fractionBits: number): RingVector {
  const result = zeros(values.length);
  const scale = 2 ** fractionBits;
  for (let i = 0; i < values.length; i++) {
    const scaled = Math.round(values[i] * scale);
    if (!(Math.abs(scaled) < 2 ** 52))
      throw new RangeError(
        `${values[i]} cannot be written with ${fractionBits} fraction bits: the limit is 2^52 units.`,
      );
    setInteger(result, i, scaled);
  }
  return result;
}

/** Writes a whole number of at most 53 bits, in two's complement. */
export function setInteger(vector: RingVector, index: number, value: number): void {
  const high = Math.floor(value / TWO32);
  vector[2 * index] = value - high * TWO32;
  vector[2 * index + 1] = high;
}

/** The signed value of one element as a number; exact below 2^53. */
export const integerAt = (vector: RingVector, index: number): number =>
  (vector[2 * index + 1] | 0) * TWO32 + vector[2 * index];

export function toReals(vector: RingVector, fractionBits: number): Float64Array {
  const scale = 2 ** -fractionBits;
  return Float64Array.from({ length: vector.length / 2 }, (_, i) => integerAt(vector, i) * scale);
}

function checkLengths(a: RingVector, b: RingVector) {
  if (a.length !== b.length)
    throw new RangeError(`Vectors of ${a.length / 2} and ${b.length / 2} elements do not fit.`);
}

export function add(a: RingVector, b: RingVector): RingVector {
  return addInto(a.slice(), b);
}

/** a ← a + b. */
export function addInto(a: RingVector, b: RingVector): RingVector {
  checkLengths(a, b);
  for (let i = 0; i < a.length; i += 2) {
    const low = a[i] + b[i];
    a[i] = low;
    a[i + 1] += b[i + 1] + (low >= TWO32 ? 1 : 0);
  }
  return a;
}

export function subtract(a: RingVector, b: RingVector): RingVector {
  checkLengths(a, b);
  const result = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i += 2) {
    const low = a[i] - b[i];
    result[i] = low;
    result[i + 1] = a[i + 1] - b[i + 1] - (low < 0 ? 1 : 0);
  }
  return result;
}

export const negate = (a: RingVector): RingVector => subtract(new Uint32Array(a.length), a);

export type Role = 'client' | 'server';

/**
 * One party's part of y → y / 2^bits, 0 < bits < 32. The server shifts its share, the client the negative of its share; both shift in
 * zeros. To round to nearest instead of down, the server adds 2^(bits − 1) before.
 */
export function truncateShare(share: RingVector, bits: number, role: Role): RingVector {
  return role === 'server' ? shiftRight(share, bits) : negate(shiftRight(negate(share), bits));
}

function shiftRight(a: RingVector, bits: number): RingVector {
  const result = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i += 2) {
    result[i] = (a[i] >>> bits) | (a[i + 1] << (32 - bits));
    result[i + 1] = a[i + 1] >>> bits;
  }
  return result;
}

/** floor(y / 2^bits + 1/2) of plain values: what the parties' truncation approximates. */
export function truncateValue(value: RingVector, bits: number): RingVector {
  const result = addInto(repeated(value.length / 2, 2 ** (bits - 1)), value);
  for (let i = 0; i < result.length; i += 2) {
    result[i] = (result[i] >>> bits) | (result[i + 1] << (32 - bits));
    result[i + 1] = (result[i + 1] | 0) >> bits;
  }
  return result;
}

/** `count` times the same whole number. */
export function repeated(count: number, value: number): RingVector {
  const result = zeros(count);
  for (let i = 0; i < count; i++) setInteger(result, i, value);
  return result;
}

/** Element by element, mod 2^64. */
export function multiply(a: RingVector, b: RingVector): RingVector {
  checkLengths(a, b);
  const result = new Uint32Array(a.length);
  for (let i = 0; i < a.length; i += 2) multiplyAt(result, i, a[i], a[i + 1], b[i], b[i + 1]);
  return result;
}

/** result[at, at + 1] += (a0 + 2^32 a1)(b0 + 2^32 b1) mod 2^64. */
export function multiplyAt(result: RingVector, at: number, a0: number, a1: number, b0: number, b1: number): void {
  const p = a0 & 0xffff;
  const q = a0 >>> 16;
  const r = b0 & 0xffff;
  const s = b0 >>> 16;
  const middle = q * r + p * s;
  const low = p * r + (middle % 65536) * 65536;
  const carry = q * s + Math.floor(middle / 65536) + Math.floor(low / TWO32);
  const sum = result[at] + (low % TWO32);
  result[at] = sum;
  result[at + 1] += (carry % TWO32) + (sum >= TWO32 ? 1 : 0) + ((Math.imul(a0, b1) + Math.imul(a1, b0)) >>> 0);
}

/** The elements at `indices`. */
export function gather(vector: RingVector, indices: ArrayLike<number>): RingVector {
  const result = zeros(indices.length);
  for (let i = 0; i < indices.length; i++) {
    result[2 * i] = vector[2 * indices[i]];
    result[2 * i + 1] = vector[2 * indices[i] + 1];
  }
  return result;
}

/** vector[indices[i]] ← values[i]. */
export function scatter(vector: RingVector, indices: ArrayLike<number>, values: RingVector): void {
  for (let i = 0; i < indices.length; i++) {
    vector[2 * indices[i]] = values[2 * i];
    vector[2 * indices[i] + 1] = values[2 * i + 1];
  }
}
