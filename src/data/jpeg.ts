/**
 * JPEG to planes of bytes, with mozjpeg compiled to WebAssembly: the same bits in every browser and in Node, and the same as libjpeg
 * (PIL, torchvision) gives. Grey pictures become three equal channels, as PIL's convert('RGB') makes them.
 */
import decodeWith, { init } from '@jsquash/jpeg/decode.js';

/** (3, height, width) as bytes: planes red, green, blue. */
export interface Picture {
  width: number;
  height: number;
  planes: Uint8Array;
}

/** @throws RangeError with the reason where the bytes are no JPEG of that size */
export type DecodeJpeg = (bytes: Uint8Array, width: number, height: number) => Promise<Picture>;

/** Marker codes of the frame headers: baseline, extended and progressive, Huffman-coded. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);

/** Width, height and number of components from the frame header, so that a wrong size is refused before anything is decoded; null without a frame header. */
export function jpegSize(bytes: Uint8Array): { width: number; height: number; components: number } | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return null;
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (FRAMES.has(marker))
      return {
        height: (bytes[at + 5] << 8) | bytes[at + 6],
        width: (bytes[at + 7] << 8) | bytes[at + 8],
        components: bytes[at + 9],
      };
    at += 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
  }
  return null;
}

/** Whether the end marker stands at the end, zeros behind it aside: a truncated picture would be filled with grey. */
function isWhole(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 2 && bytes[end - 1] === 0) end--;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}

/** Node has no ImageData; the decoder only fills one. */
function provideImageData(): void {
  if ('ImageData' in globalThis) return;
  class PlainImageData {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  }
  Object.assign(globalThis, { ImageData: PlainImageData });
}

/** A decoder around the WebAssembly module `@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm`. */
export async function jpegDecoder(module: WebAssembly.Module): Promise<DecodeJpeg> {
  provideImageData();
  await init(module);
  return async (bytes, width, height) => {
    const size = jpegSize(bytes);
    if (size === null) throw new RangeError('it is not a JPEG file');
    if (size.width !== width || size.height !== height)
      throw new RangeError(`it has ${size.width}×${size.height} pixels instead of ${width}×${height}`);
    if (size.components !== 1 && size.components !== 3)
      throw new RangeError(`it has ${size.components} colour components instead of 1 or 3`);
    if (!isWhole(bytes)) throw new RangeError('it is cut off');
    let rgba: Uint8ClampedArray;
    try {
      ({ data: rgba } = await decodeWith(bytes.slice().buffer));
    } catch {
      // The decoder may be left in the middle of a picture.
      await init(module);
      throw new RangeError('it does not decode');
    }
    const area = width * height;
    if (rgba.length !== 4 * area) throw new RangeError('it does not decode');
    const planes = new Uint8Array(3 * area);
    for (let i = 0; i < area; i++) {
      planes[i] = rgba[4 * i];
      planes[area + i] = rgba[4 * i + 1];
      planes[2 * area + i] = rgba[4 * i + 2];
    }
    return { width, height, planes };
  };
}
