/**
 * gzip (RFC 1952), unpacked as it streams in. The platform's DecompressionStream does the work and checks the CRC; this file
 * tells an archive that was cut off from one that is damaged.
 */
import { chunksOf } from './source.ts';
import type { Chunks } from './source.ts';
import { DataError } from './types.ts';

/** The first two bytes of a gzip file, and the only method there is (deflate), as far as the file goes. */
export function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b && (head.length === 2 || head[2] === 8);
}

/**
 * Yields the unpacked bytes. Throws DataError where the stream ends early or does not unpack. Bytes after a complete stream
 * are an error too: no official archive has any.
 */
export async function* gunzip(chunks: Chunks, file: string): AsyncGenerator<Uint8Array> {
  const inflate = new DecompressionStream('gzip');
  const writer = inflate.writable.getWriter();
  let fed = 0;
  let ended = false;
  const source: { error: Error | null } = { error: null };
  const feed = async (): Promise<void> => {
    try {
      for await (const chunk of chunks) {
        fed += chunk.length;
        // Waits while the consumer is slow; fails once unpacking has failed, which the reading side reports.
        if (
          !(await writer.ready.then(
            () => true,
            () => false,
          ))
        )
          return;
        // A copy: the platform may take the buffer over, and chunks can be views of one another.
        writer.write(chunk.slice()).catch(() => undefined);
      }
    } catch (error) {
      source.error = error instanceof Error ? error : new Error(String(error));
      await writer.abort(error).catch(() => undefined);
      return;
    }
    ended = true;
    await writer.close().catch(() => undefined);
  };
  const feeding = feed();
  try {
    yield* chunksOf(inflate.readable as ReadableStream<Uint8Array>);
    await feeding;
  } catch (error) {
    // An abort or a disk error is passed on to the caller unchanged.
    if (source.error !== null) throw source.error;
    // Let the last chunks be accepted, so that the end of the source is known.
    await Promise.race([feeding, new Promise((resolve) => setTimeout(resolve, 50))]);
    throw unpackError(file, error, ended, fed);
  } finally {
    await writer.abort().catch(() => undefined);
  }
  if (source.error !== null) throw source.error;
}

function unpackError(file: string, error: unknown, ended: boolean, fed: number): DataError {
  // Chrome: "Compressed input was truncated."; Node: "unexpected end of file"; Firefox: "The input is ended without reaching …".
  const cutOff = error instanceof Error && /truncat|unexpected (end|eof)|ended without/i.test(error.message);
  if (cutOff && ended) {
    return new DataError(
      file,
      `the gzip archive ends too early, after ${fed.toLocaleString('en')} bytes. Download it again.`,
      fed,
    );
  }
  return new DataError(file, 'the gzip archive is damaged and does not unpack. Download it again.', null);
}
