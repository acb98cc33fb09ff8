/** What a pickle can hold here: plain values, and the few numpy objects of CIFAR's files. */
import type { DType, NdArray } from './numpyArray.ts';

/** Python's str of protocol 2 and bytes are both bytes here; unicode is a string. Views of the file, not copies. */
export type PickleValue =
  null | boolean | number | string | Uint8Array | NdArray | DType | PickleTuple | PickleValue[] | PickleDict | Callable;

export class PickleTuple {
  constructor(readonly items: PickleValue[]) {}
}

/** Keys as text, whether Python had them as bytes or as unicode. */
export class PickleDict {
  readonly entries = new Map<string, PickleValue>();
}

/** One of the functions that pickleCalls.ts knows, found by its Python name. */
export class Callable {
  constructor(readonly name: 'reconstruct' | 'frombuffer' | 'ndarray' | 'dtype' | 'encode') {}
}

const latin1 = new TextDecoder('latin1');

/** Text of a string or of bytes; null for anything else. */
export function textOf(value: PickleValue | undefined): string | null {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? latin1.decode(value) : null;
}

/** A name from a file, fit to be shown: one line, no control characters, not endless. */
export function printable(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]+/g, '?');
  return clean.length > 80 ? `${clean.slice(0, 77)}…` : clean;
}
