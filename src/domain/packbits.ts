/**
 * `base64-packbits`, the encoding of masks in masks.json: 8 bits a byte, first bit highest, last byte padded with zeros
 * (numpy.packbits' default), then base64 (RFC 4648, with padding). Written out here because the domain has neither Node's
 * Buffer nor the page's atob.
 */

/** Bits (anything but 0 is 1) to ⌈n/8⌉ bytes, first bit in the highest place. */
export function packBits(bits: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (let i = 0; i < bits.length; i++) if (bits[i]) bytes[i >> 3] |= 0x80 >> (i & 7);
  return bytes;
}

/** The first `count` bits of `bytes`, one a byte, 0 or 1. */
export function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  const bits = new Uint8Array(count);
  for (let i = 0; i < count; i++) bits[i] = (bytes[i >> 3] >> (7 - (i & 7))) & 1;
  return bits;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const CODES = ALPHABET.split('');
const VALUES = new Map(CODES.map((code, value) => [code.charCodeAt(0), value]));

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
    parts.push(
      CODES[word >> 18],
      CODES[(word >> 12) & 63],
      left > 1 ? CODES[(word >> 6) & 63] : '=',
      left > 2 ? CODES[word & 63] : '=',
    );
  }
  return parts.join('');
}

/** @throws SyntaxError where the text is not padded base64. */
export function fromBase64(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0) throw new SyntaxError(`${text.length} characters are not whole groups of four`);
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  let word = 0;
  let bits = 0;
  for (let i = 0; i < text.length - padding; i++) {
    const value = VALUES.get(text.charCodeAt(i));
    if (value === undefined) throw new SyntaxError(`character ${i + 1} is no base64`);
    word = (word << 6) | value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    // The array keeps the lowest 8 bits.
    bytes[at++] = word >> bits;
  }
  return bytes;
}
