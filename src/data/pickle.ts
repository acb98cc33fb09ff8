/**
 * A reader of the Python pickles in which CIFAR travels, and of nothing else.
 *
 * A pickle is a program for a small stack machine that may call any Python function. This reader knows the opcodes that build
 * dicts, lists, tuples, strings and numbers, and four callables: numpy's _reconstruct and _frombuffer, numpy.dtype, and
 * _codecs.encode (how Python 3 writes bytes in protocol 2). It looks those up in its own table and never evaluates anything;
 * any other class or opcode is refused by name. Protocols 2 to 5 are read: 2 is what the official files use, the later ones
 * what a file that was loaded and saved again has. Opcodes: Python's Lib/pickletools.py.
 */
import { DType, NdArray } from './numpyArray.ts';
import { DataError } from './types.ts';

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

/** One of the known functions, found by its Python name. */
class Callable {
  constructor(readonly name: 'reconstruct' | 'frombuffer' | 'ndarray' | 'dtype' | 'encode') {}
}

const CALLABLES = new Map<string, Callable['name']>([
  ['numpy.core.multiarray._reconstruct', 'reconstruct'],
  ['numpy._core.multiarray._reconstruct', 'reconstruct'],
  ['numpy.core.numeric._frombuffer', 'frombuffer'],
  ['numpy._core.numeric._frombuffer', 'frombuffer'],
  ['numpy.ndarray', 'ndarray'],
  ['numpy.dtype', 'dtype'],
  ['_codecs.encode', 'encode'],
]);

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder();

/** A pickle begins with PROTO 2 … 5 and ends with STOP. */
export function isPickle(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x80 && head[1] >= 2 && head[1] <= 5;
}

/** Text of a string or of bytes; null for anything else. */
export function textOf(value: PickleValue | undefined): string | null {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? latin1.decode(value) : null;
}

class Mark {}

class Unpickler {
  private at = 0;
  private readonly view: DataView;
  private readonly stack: (PickleValue | Mark)[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  private fail(what: string, at = this.at): DataError {
    return new DataError(
      this.file,
      `${what} at byte ${at.toLocaleString('en')} of the pickle. Download the file again.`,
      at,
    );
  }

  private need(count: number): number {
    if (!(count >= 0 && this.at + count <= this.bytes.length)) {
      throw new DataError(
        this.file,
        `the pickle ends too early: ${this.bytes.length.toLocaleString('en')} bytes are there and more are announced. Download it again.`,
        this.bytes.length,
      );
    }
    const from = this.at;
    this.at += count;
    return from;
  }

  private u8(): number {
    return this.bytes[this.need(1)];
  }

  private u32(): number {
    return this.view.getUint32(this.need(4), true);
  }

  private u64(): number {
    return Number(this.view.getBigUint64(this.need(8), true));
  }

  private slice(count: number): Uint8Array {
    const from = this.need(count);
    return this.bytes.subarray(from, from + count);
  }

  /** Up to the next newline, for GLOBAL. */
  private line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) this.need(this.bytes.length);
    const text = latin1.decode(this.slice(end - this.at));
    this.at++;
    return text;
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value instanceof Mark) throw this.fail('nothing on the stack');
    return value;
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value instanceof Mark) throw this.fail('nothing on the stack');
    return value;
  }

  /** Everything above the last mark, which goes too. */
  private popToMark(): PickleValue[] {
    let from = this.stack.length - 1;
    while (from >= 0 && !(this.stack[from] instanceof Mark)) from--;
    if (from < 0) throw this.fail('no mark on the stack');
    const items = this.stack.splice(from) as (PickleValue | Mark)[];
    items.shift();
    return items as PickleValue[];
  }

  private recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.fail(`memo ${index} is empty`);
    this.stack.push(value);
  }

  private setItems(items: PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) throw this.fail('keys and values without a dict');
    for (let i = 0; i < items.length; i += 2) {
      const key = textOf(items[i]);
      if (key === null) throw this.fail('a key that is not text');
      dict.entries.set(key, items[i + 1]);
    }
  }

  private append(items: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.fail('items without a list');
    for (const item of items) list.push(item);
  }

  private callable(module: string, name: string): void {
    const full = `${module}.${name}`;
    const known = CALLABLES.get(full);
    if (known === undefined) {
      throw new DataError(
        this.file,
        `this pickle asks for the class ${printable(full)}, which no CIFAR file needs. Nothing of it was run. ` +
          'Use the batches of cifar-10-python.tar.gz or cifar-100-python.tar.gz.',
        this.at,
      );
    }
    this.stack.push(new Callable(known));
  }

  private reduce(): void {
    const args = this.pop();
    const call = this.pop();
    if (!(call instanceof Callable) || !(args instanceof PickleTuple))
      throw this.fail('a call of something that is no function');
    const [first, second] = args.items;
    switch (call.name) {
      case 'reconstruct':
        // (ndarray, (0,), b'b'): an empty array that BUILD fills.
        if (!(first instanceof Callable) || first.name !== 'ndarray') throw this.fail('an array of an unknown class');
        this.stack.push(new NdArray());
        return;
      case 'dtype': {
        const dtype = DType.parse(textOf(first) ?? '');
        if (dtype === null)
          throw this.fail(`an array of element type ${printable(textOf(first) ?? '?')}, not whole numbers,`);
        this.stack.push(dtype);
        return;
      }
      case 'encode': {
        const text = textOf(first);
        if (text === null || textOf(second) !== 'latin1') throw this.fail('bytes in an unknown encoding');
        const bytes = new Uint8Array(text.length);
        for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
        this.stack.push(bytes);
        return;
      }
      case 'frombuffer': {
        // (buffer, dtype, shape, order)
        const [buffer, dtype, shape, order] = args.items;
        this.stack.push(this.array(new NdArray(), shape, dtype, textOf(order) !== 'C', buffer));
        return;
      }
      default:
        throw this.fail(`a call of ${call.name}`);
    }
  }

  /** BUILD: the state of an array (version, shape, dtype, Fortran order, bytes) or of a dtype (version, byte order, …). */
  private build(): void {
    const state = this.pop();
    const target = this.top();
    if (state instanceof PickleTuple && target instanceof NdArray) {
      const [, shape, dtype, fortran, data] = state.items;
      this.array(target, shape, dtype, fortran === true, data);
    } else if (state instanceof PickleTuple && target instanceof DType) {
      const order = textOf(state.items[1]);
      if (order === '<' || order === '>') target.order = order;
    } else {
      throw this.fail('a state that fits no object');
    }
  }

  private array(target: NdArray, shape: PickleValue, dtype: PickleValue, fortran: boolean, data: PickleValue): NdArray {
    const sizes = shape instanceof PickleTuple ? shape.items : [];
    const whole = (n: PickleValue): n is number => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
    if (
      !(shape instanceof PickleTuple) ||
      !sizes.every(whole) ||
      !(dtype instanceof DType) ||
      !(data instanceof Uint8Array)
    ) {
      throw this.fail('an array without shape, type or bytes');
    }
    // One row or one column: both orders are the same.
    if (fortran && sizes.filter((n) => n !== 1).length > 1) throw this.fail('an array in Fortran order');
    if (!target.fill(sizes, dtype, data))
      throw this.fail(`an array of shape ${sizes.join(' × ')} with ${data.length} bytes`);
    return target;
  }

  run(): PickleValue {
    const { stack } = this;
    const put = (index: number): void => void this.memo.set(index, this.top());
    for (;;) {
      const start = this.at;
      const op = this.u8();
      switch (op) {
        case 0x80: // PROTO
          if (this.u8() > 5) throw this.fail('an unknown protocol', start);
          break;
        case 0x95: // FRAME: a hint for readers that stream
          this.u64();
          break;
        case 0x2e: // STOP
          return this.pop();
        case 0x28: // MARK
          stack.push(new Mark());
          break;
        case 0x30: // POP
          if (stack.pop() === undefined) throw this.fail('nothing on the stack', start);
          break;
        case 0x31: // POP_MARK
          this.popToMark();
          break;

        // Constants and numbers
        case 0x4e:
          stack.push(null);
          break;
        case 0x88:
          stack.push(true);
          break;
        case 0x89:
          stack.push(false);
          break;
        case 0x4b: // BININT1
          stack.push(this.u8());
          break;
        case 0x4d: // BININT2
          stack.push(this.view.getUint16(this.need(2), true));
          break;
        case 0x4a: // BININT
          stack.push(this.view.getInt32(this.need(4), true));
          break;
        case 0x8a: {
          // LONG1: little-endian two's complement
          const digits = this.slice(this.u8());
          if (digits.length > 8) throw this.fail('a number of more than 64 bits', start);
          let value = 0n;
          digits.forEach((digit, i) => (value |= BigInt(digit) << BigInt(8 * i)));
          stack.push(Number(BigInt.asIntN(8 * digits.length, value)));
          break;
        }

        // Strings and bytes
        case 0x55: // SHORT_BINSTRING
        case 0x43: // SHORT_BINBYTES
          stack.push(this.slice(this.u8()));
          break;
        case 0x54: // BINSTRING
        case 0x42: // BINBYTES
          stack.push(this.slice(this.u32()));
          break;
        case 0x8e: // BINBYTES8
        case 0x96: // BYTEARRAY8
          stack.push(this.slice(this.u64()));
          break;
        case 0x8c: // SHORT_BINUNICODE
          stack.push(utf8.decode(this.slice(this.u8())));
          break;
        case 0x58: // BINUNICODE
          stack.push(utf8.decode(this.slice(this.u32())));
          break;

        // Containers
        case 0x7d:
          stack.push(new PickleDict());
          break;
        case 0x5d:
          stack.push([]);
          break;
        case 0x29:
          stack.push(new PickleTuple([]));
          break;
        case 0x85: // TUPLE1 … TUPLE3
        case 0x86:
        case 0x87: {
          const items: PickleValue[] = [];
          for (let i = 0x84; i < op; i++) items.unshift(this.pop());
          stack.push(new PickleTuple(items));
          break;
        }
        case 0x74: // TUPLE
          stack.push(new PickleTuple(this.popToMark()));
          break;
        case 0x61: {
          // APPEND
          const item = this.pop();
          this.append([item]);
          break;
        }
        case 0x65: // APPENDS
          this.append(this.popToMark());
          break;
        case 0x73: {
          // SETITEM
          const value = this.pop();
          const key = this.pop();
          this.setItems([key, value]);
          break;
        }
        case 0x75: // SETITEMS
          this.setItems(this.popToMark());
          break;

        // Memo
        case 0x71: // BINPUT
          put(this.u8());
          break;
        case 0x72: // LONG_BINPUT
          put(this.u32());
          break;
        case 0x94: // MEMOIZE
          put(this.memo.size);
          break;
        case 0x68: // BINGET
          this.recall(this.u8());
          break;
        case 0x6a: // LONG_BINGET
          this.recall(this.u32());
          break;

        // Callables, from the table above only
        case 0x63: // GLOBAL
          this.callable(this.line(), this.line());
          break;
        case 0x93: {
          // STACK_GLOBAL
          const name = textOf(this.pop());
          const module = textOf(this.pop());
          if (name === null || module === null) throw this.fail('a class without a name', start);
          this.callable(module, name);
          break;
        }
        case 0x52: // REDUCE
          this.reduce();
          break;
        case 0x62: // BUILD
          this.build();
          break;

        default:
          throw new DataError(
            this.file,
            `this pickle uses the instruction 0x${op.toString(16).padStart(2, '0')} at byte ${start.toLocaleString('en')}, which no ` +
              'CIFAR file needs. Nothing of it was run. Use the batches of cifar-10-python.tar.gz or cifar-100-python.tar.gz.',
            start,
          );
      }
    }
  }
}

/** A name from a file, fit to be shown: one line, no control characters, not endless. */
function printable(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]+/g, '?');
  return clean.length > 80 ? `${clean.slice(0, 77)}…` : clean;
}

/** Reads one pickle; arrays and bytes are views of `bytes`. Throws DataError. */
export function readPickle(bytes: Uint8Array, file: string): PickleValue {
  return new Unpickler(bytes, file).run();
}
