/** The JPEG decoder in Node: its WebAssembly from the package's folder. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { jpegDecoder, type DecodeJpeg } from '../data/jpeg.ts';

let decoder: Promise<DecodeJpeg> | null = null;

/** Compiled once, at the first picture. */
export function nodeJpegDecoder(): Promise<DecodeJpeg> {
  decoder ??= (async () => {
    const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
    return jpegDecoder(new WebAssembly.Module(await readFile(path)));
  })();
  return decoder;
}
