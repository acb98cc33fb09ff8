/**
 * CIFAR's Python form: a pickled dict. A batch has `data` (uint8, N × 3072, the order of the binary form) and `labels`
 * (CIFAR-10) or `fine_labels` (CIFAR-100); a meta file has `label_names` or `fine_label_names`.
 */
import { CIFAR10, CIFAR100, CIFAR_PIXELS } from './formats.ts';
import { NdArray } from './numpyArray.ts';
import { readPickle } from './pickle.ts';
import { PickleDict, PickleTuple, textOf } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';
import { grouped, imagesText } from './shard.ts';
import type { Content } from './shard.ts';
import { DataError } from './types.ts';
import type { Part } from './types.ts';

/** A list, tuple or one-dimensional array as a plain list; null for anything else. */
function listOf(value: PickleValue | undefined): PickleValue[] | null {
  if (Array.isArray(value)) return value;
  if (value instanceof PickleTuple) return value.items;
  if (value instanceof NdArray && value.shape.length === 1) return value.numbers();
  return null;
}

/** "training batch 1 of 5", "testing batch 1 of 1". */
function partOf(batchLabel: string | null): Part | null {
  if (batchLabel === null) return null;
  if (/^train/i.test(batchLabel)) return 'train';
  return /^test/i.test(batchLabel) ? 'test' : null;
}

/** Reads a batch or a meta file. Throws DataError. */
export function readCifarPickle(bytes: Uint8Array, file: string): Content {
  const value = readPickle(bytes, file);
  const entries = value instanceof PickleDict ? value.entries : new Map<string, PickleValue>();
  for (const format of [CIFAR10, CIFAR100]) {
    const names = listOf(entries.get(format === CIFAR10 ? 'label_names' : 'fine_label_names'));
    if (names === null) continue;
    const texts = names.map(textOf);
    if (texts.length === format.classes.length && texts.every((text) => text !== null)) {
      return { kind: 'names', dataset: format.name, names: texts };
    }
    throw new DataError(
      file,
      `${format.title} has ${format.classes.length} class names, this file lists ${texts.length}. Leave it out.`,
    );
  }

  const data = entries.get('data');
  const format = entries.has('fine_labels') ? CIFAR100 : CIFAR10;
  const given = listOf(entries.get(format === CIFAR100 ? 'fine_labels' : 'labels'));
  if (!(data instanceof NdArray) || given === null) {
    const keys = [...entries.keys()]
      .slice(0, 8)
      .join(', ')
      .slice(0, 120)
      .replace(/[^\x20-\x7e]/g, '?');
    throw new DataError(
      file,
      `this pickle holds no CIFAR batch (${keys === '' ? 'it is no dict' : `its keys: ${keys}`}). ` +
        'A batch has data and labels (CIFAR-10) or fine_labels (CIFAR-100).',
    );
  }
  const [count, ...rest] = data.shape;
  if (data.dtype.bytes !== 1 || data.dtype.kind !== 'u' || ![String(CIFAR_PIXELS), '3,32,32'].includes(rest.join())) {
    const type = `${data.dtype.kind}${data.dtype.bytes}`;
    throw new DataError(
      file,
      `data is ${type} of shape ${data.shape.join(' × ')}; a CIFAR batch has u1 of shape N × 3072.`,
    );
  }
  if (count === 0) throw new DataError(file, 'this batch holds no images.');
  if (given.length !== count) {
    throw new DataError(file, `${imagesText(count)} but ${grouped(given.length)} labels. Download the file again.`);
  }
  const labels = new Uint8Array(count);
  given.forEach((label, i) => {
    if (typeof label !== 'number' || !(label >= 0 && label < format.classes.length) || !Number.isInteger(label)) {
      const shown = typeof label === 'number' ? `label ${label}` : 'the label';
      throw new DataError(
        file,
        `${shown} of image ${grouped(i)} is no ${format.title} class (0 … ${format.classes.length - 1}). Download the file again.`,
      );
    }
    labels[i] = label;
  });
  return {
    kind: 'shard',
    shard: {
      dataset: format.name,
      part: partOf(textOf(entries.get('batch_label'))),
      // A copy, so that the pickle's bytes can be let go.
      images: data.data.slice(),
      labels,
      count,
      shape: [3, 32, 32],
    },
  };
}
