/** The JPEG decoder in the browser: its WebAssembly comes with the page's own files. */
import wasmUrl from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url';
import type { DecodeJpeg } from '../data/jpeg.ts';

let decoder: Promise<DecodeJpeg> | null = null;

/** Compiled once, at the first picture. @throws TypeError where the file cannot be fetched. */
export function browserJpegDecoder(): Promise<DecodeJpeg> {
  decoder ??= (async () => {
    const answer = await fetch(wasmUrl);
    if (!answer.ok) throw new TypeError(`The JPEG decoder could not be loaded (${answer.status}): reload the page.`);
    const { jpegDecoder } = await import('../data/jpeg.ts');
    return jpegDecoder(await WebAssembly.compile(await answer.arrayBuffer()));
  })();
  // A failed fetch may succeed the next time.
  decoder.catch(() => (decoder = null));
  return decoder;
}
