/**
 * What a pickle of CIFAR may call: numpy's _reconstruct and _frombuffer, numpy.dtype, and _codecs.encode (how Python 3 writes bytes in
 * protocol 2). They are looked up in this table and done here, as far as CIFAR's arrays need them; nothing is ever evaluated, and
 * any other class is refused by name.
 */
import { DType, NdArray } from './numpyArray.ts';
import type { PickleCalls, PickleDialect } from './pickle.ts';
import type { PickleCursor } from './pickleCursor.ts';
import { printable } from '../domain/printable.ts';
import { Callable, PickleTuple, textOf } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';

const CALLABLES = new Map<string, string>([
  ['numpy.core.multiarray._reconstruct', 'reconstruct'],
  ['numpy._core.multiarray._reconstruct', 'reconstruct'],
  ['numpy.core.numeric._frombuffer', 'frombuffer'],
  ['numpy._core.numeric._frombuffer', 'frombuffer'],
  ['numpy.ndarray', 'ndarray'],
  ['numpy.dtype', 'dtype'],
  ['_codecs.encode', 'encode'],
]);

/** NumPy's own limit is 64. */
const MOST_DIMENSIONS = 8;

class NumpyCalls implements PickleCalls {
  /** Bytes that `encode` has made so far. */
  private encoded = 0;

  constructor(private readonly cursor: PickleCursor) {}

  /** @throws DataError naming a class that is not in the table. */
  find(module: string, name: string): Callable {
    const full = `${module}.${name}`;
    const known = CALLABLES.get(full);
    if (known === undefined) throw this.cursor.refused(`asks for the class ${printable(full)}`);
    return new Callable(known);
  }

  /** REDUCE: what a known function returns. */
  call(callable: PickleValue, args: PickleValue): PickleValue {
    if (!(callable instanceof Callable) || !(args instanceof PickleTuple))
      throw this.cursor.damaged('a call of something that is no function');
    const [first, second] = args.items;
    switch (callable.name) {
      case 'reconstruct':
        // (ndarray, (0,), b'b'): an empty array that BUILD fills.
        if (!(first instanceof Callable) || first.name !== 'ndarray')
          throw this.cursor.damaged('an array of an unknown class');
        return new NdArray();
      case 'dtype':
        return this.dtype(textOf(first) ?? '?');
      case 'encode':
        return this.encode(textOf(first), textOf(second));
      case 'frombuffer': {
        // (buffer, dtype, shape, order)
        const [buffer, dtype, shape, order] = args.items;
        return this.fill(new NdArray(), shape, dtype, textOf(order) !== 'C', buffer);
      }
      default:
        throw this.cursor.damaged(`a call of ${callable.name}`);
    }
  }

  /** BUILD: the state of an array (version, shape, dtype, Fortran order, bytes) or of a dtype (version, byte order, …). */
  build(target: PickleValue, state: PickleValue): void {
    if (state instanceof PickleTuple && target instanceof NdArray) {
      const [, shape, dtype, fortran, data] = state.items;
      this.fill(target, shape, dtype, fortran === true, data);
    } else if (state instanceof PickleTuple && target instanceof DType) {
      const order = textOf(state.items[1]);
      if (order === '<' || order === '>') target.order = order;
    } else {
      throw this.cursor.damaged('a state that fits no object');
    }
  }

  private dtype(code: string): DType {
    const dtype = DType.parse(code);
    if (dtype === null)
      throw this.cursor.foreign(`holds an array of element type ${printable(code)} instead of whole numbers`);
    return dtype;
  }

  /** Text of characters below 256 to bytes, one each. */
  private encode(text: string | null, encoding: string | null): Uint8Array {
    if (text === null || encoding !== 'latin1') throw this.cursor.damaged('bytes in an unknown encoding');
    // A text that is taken from the memo again and again could fill the memory.
    this.encoded += text.length;
    if (this.encoded > this.cursor.bytes.length) throw this.cursor.foreign('unpacks to more bytes than it has');
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  private fill(target: NdArray, shape: PickleValue, dtype: PickleValue, fortran: boolean, data: PickleValue): NdArray {
    if (shape instanceof PickleTuple && shape.items.length > MOST_DIMENSIONS)
      throw this.cursor.damaged(`an array of ${shape.items.length.toLocaleString('en')} dimensions`);
    const sizes = shape instanceof PickleTuple ? shape.items : [];
    const whole = (n: PickleValue): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
    if (
      !(shape instanceof PickleTuple) ||
      !sizes.every(whole) ||
      !(dtype instanceof DType) ||
      !(data instanceof Uint8Array)
    ) {
      throw this.cursor.damaged('an array without shape, type or bytes');
    }
    // One row or one column: both orders are the same.
    if (fortran && sizes.filter((n) => n !== 1).length > 1)
      throw this.cursor.foreign('holds an array in Fortran order (column by column)');
    if (!target.fill(sizes, dtype, data))
      throw this.cursor.damaged(`an array of shape ${sizes.join(' × ')} with ${data.length} bytes`);
    return target;
  }
}

/** The pickles in which CIFAR travels. */
export const CIFAR_PICKLE: PickleDialect = {
  words: {
    unneeded: 'no CIFAR file needs',
    advice: 'Use the batches of cifar-10-python.tar.gz or cifar-100-python.tar.gz.',
  },
  otherKeys: 'refuse',
  calls: (cursor) => new NumpyCalls(cursor),
};
