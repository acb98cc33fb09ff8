/**
 * CIFAR's Python form: a pickled dict. A batch has `data` (uint8, N × 3072, the order of the binary form) and `labels`
 * (CIFAR-10) or `fine_labels` (CIFAR-100); a meta file has `label_names` or `fine_label_names`.
 */
import { printable } from '../domain/printable.ts';
import { CIFAR10, CIFAR100, CIFAR_PIXELS } from './formats.ts';
import { NdArray } from './numpyArray.ts';
import { readPickle } from './pickle.ts';
import { CIFAR_PICKLE } from './pickleCalls.ts';
import { PickleDict, PickleTuple, textOf } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';
import { grouped, imagesText } from './shard.ts';
import type { Content } from './shard.ts';
import { DataError } from './types.ts';
import type { Part } from './types.ts';

/** Entries of a list, tuple or one-dimensional array; null for anything else. */
function lengthOf(value: PickleValue | undefined): number | null {
  if (Array.isArray(value)) return value.length;
  if (value instanceof PickleTuple) return value.items.length;
  return value instanceof NdArray && value.shape.length === 1 ? value.shape[0] : null;
}

/** What has a length, as a plain list. Ask for the length first: an array of a hundred megabytes makes a list of gigabytes. */
function listOf(value: PickleValue | undefined): PickleValue[] {
  if (Array.isArray(value)) return value;
  if (value instanceof PickleTuple) return value.items;
  return value instanceof NdArray ? value.numbers() : [];
}

const isClassName = (text: string): boolean => text !== '' && printable(text, 100) === text;

/** "training batch 1 of 5", "testing batch 1 of 1". */
function partOf(batchLabel: string | null): Part | null {
  if (batchLabel === null) return null;
  if (/^train/i.test(batchLabel)) return 'train';
  return /^test/i.test(batchLabel) ? 'test' : null;
}

/** Reads a batch or a meta file. Throws DataError. */
export function readCifarPickle(bytes: Uint8Array, file: string): Content {
  const value = readPickle(bytes, file, CIFAR_PICKLE).value;
  const entries = value instanceof PickleDict ? value.entries : new Map<string, PickleValue>();
  for (const format of [CIFAR10, CIFAR100]) {
    const names = entries.get(format === CIFAR10 ? 'label_names' : 'fine_label_names');
    const listed = lengthOf(names);
    if (listed === null) continue;
    if (listed !== format.classes.length)
      throw new DataError(
        file,
        `${format.title} has ${format.classes.length} class names, this file lists ${grouped(listed)}. Leave it out.`,
      );
    const texts = listOf(names).map((name) => textOf(name));
    const bad = texts.findIndex((text) => text === null || !isClassName(text));
    if (bad >= 0) throw new DataError(file, `class name ${bad} is not a short printable text. Leave the file out.`);
    return { kind: 'names', dataset: format.name, names: texts as string[] };
  }

  const data = entries.get('data');
  const format = entries.has('fine_labels') ? CIFAR100 : CIFAR10;
  const listed = entries.get(format === CIFAR100 ? 'fine_labels' : 'labels');
  const labelCount = lengthOf(listed);
  if (!(data instanceof NdArray) || labelCount === null) {
    const keys = printable([...entries.keys()].slice(0, 8).join(', '));
    throw new DataError(
      file,
      `this pickle holds no CIFAR batch (${keys === '' ? 'it is not a dict' : `its keys: ${keys}`}). ` +
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
  if (labelCount !== count) {
    throw new DataError(file, `${imagesText(count)} but ${grouped(labelCount)} labels. Download the file again.`);
  }
  const labels = new Uint8Array(count);
  listOf(listed).forEach((label, i) => {
    if (typeof label !== 'number' || !(label >= 0 && label < format.classes.length) || !Number.isInteger(label)) {
      const shown = typeof label === 'number' ? `label ${label}` : 'the label';
      throw new DataError(
        file,
        `${shown} of image ${grouped(i)} is not a ${format.title} class (0 … ${format.classes.length - 1}). Download the file again.`,
      );
    }
    labels[i] = label;
  });
  return {
    kind: 'shard',
    shard: {
      dataset: format.name,
      part: partOf(textOf(entries.get('batch_label'))),
      // A copy, so that the pickle's bytes can be garbage-collected.
      images: data.data.slice(),
      labels,
      count,
      shape: [3, 32, 32],
    },
  };
}
