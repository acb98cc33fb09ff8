/**
 * The order of the shards in a data set. It depends on file names alone, not on the order in which files were dropped or listed, nor
 * on whether they came from an archive: the same data give the same results everywhere.
 */

/** `a2` before `a10`; case and extension aside. */
export function compareNatural(a: string, b: string): number {
  const split = (text: string): string[] => text.toLowerCase().match(/\d+|\D+/g) ?? [];
  const left = split(a);
  const right = split(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const numbers = Number(left[i]) - Number(right[i]);
    if (!Number.isNaN(numbers) && numbers !== 0) return numbers;
    if (left[i] !== right[i]) return left[i] < right[i] ? -1 : 1;
  }
  return left.length - right.length;
}

/** `cifar.tar.gz → cifar-10-batches-bin/data_batch_1.bin` and `data_batch_1` are the same to the order. */
function orderKey(file: string): string {
  const base = file.split(/[/\\]|→ /).at(-1) ?? file;
  return base.replace(/\.(bin|pkl|pickle)$/i, '');
}

export function inOrder<T extends { file: string; hash: string }>(shards: readonly T[]): T[] {
  return [...shards].sort(
    (a, b) => compareNatural(orderKey(a.file), orderKey(b.file)) || (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0),
  );
}
