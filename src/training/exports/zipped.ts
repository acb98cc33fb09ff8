/** Zip archives, written. The same members give the same bytes. */
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

// This already runs in a worker, or in Node.
configure({ useWebWorkers: false });

/** The first date that a zip archive can hold. */
const DATE = new Date(1980, 0, 1);

/** Compressed; text is taken as UTF-8. */
export async function zipped(
  members: readonly (readonly [name: string, content: Uint8Array | string])[],
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { lastModDate: DATE, extendedTimestamp: false });
  for (const [name, content] of members)
    await writer.add(
      name,
      new Uint8ArrayReader(typeof content === 'string' ? new TextEncoder().encode(content) : content),
    );
  return new Uint8Array(await writer.close());
}
