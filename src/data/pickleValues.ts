/** What a pickle can hold here: plain values, and the few objects that a dialect builds (numpy arrays, PyTorch tensors). */
import type { DType, NdArray } from './numpyArray.ts';

/** Python's str of protocol 2 and bytes are both bytes here; unicode is a string. Views of the file, not copies. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | NdArray
  | DType
  | PickleTuple
  | PickleValue[]
  | PickleDict
  | Callable
  | PickleObject;

/** An object of a dialect's own. */
export abstract class PickleObject {
  /** The Python class that it stands for. */
  abstract readonly pythonClass: string;
}

export class PickleTuple {
  constructor(readonly items: PickleValue[]) {}
}

/** Keys as text, whether Python had them as bytes or as unicode. */
export class PickleDict {
  readonly entries = new Map<string, PickleValue>();
}

/** One of the functions that a dialect knows, under the dialect's own name for it. */
export class Callable {
  constructor(readonly name: string) {}
}

const latin1 = new TextDecoder('latin1');

/**
 * Longest bytes that are decoded as text. A pickle may refer to the same bytes millions of times: without a limit a key of a megabyte
 * would be decoded each time.
 */
const LONGEST_TEXT = 1024;

/** Text of a string or of at most 1,024 bytes; null for anything else. */
export function textOf(value: PickleValue | undefined): string | null {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array && value.length <= LONGEST_TEXT ? latin1.decode(value) : null;
}
