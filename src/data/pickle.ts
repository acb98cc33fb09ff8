/**
 * A restricted reader of Python pickles: CIFAR's batches (pickleCalls.ts) and PyTorch's checkpoints (torchPickle.ts).
 *
 * A pickle is a program for a small stack machine that may call any Python function. This machine knows the opcodes that build
 * dicts, lists, tuples, strings and numbers; the few functions that a kind of file needs come from its dialect, and any other
 * class or opcode is refused by name. Protocols 2 to 5 are read. Opcodes: Python's Lib/pickletools.py.
 */
import { PickleCursor } from './pickleCursor.ts';
import type { RefusalWords } from './pickleCursor.ts';
import { PickleDict, PickleTuple, textOf } from './pickleValues.ts';
import type { PickleValue } from './pickleValues.ts';

const utf8 = new TextDecoder();

/** The longest official file takes 250,000. Each instruction may cost some tens of bytes of memory. */
const MOST_INSTRUCTIONS = 1_000_000;

/** Dicts take a few hundred bytes each; official files have one. */
const MOST_DICTS = 10_000;

/** A pickle begins with PROTO 2 … 5 and ends with STOP. */
export function isPickle(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x80 && head[1] >= 2 && head[1] <= 5;
}

/** The functions that pickles of one kind may name; nothing is ever evaluated. */
export interface PickleCalls {
  /** GLOBAL. @throws DataError naming a class that is not known */
  find(module: string, name: string): PickleValue;
  /** REDUCE: what a known function returns. */
  call(callable: PickleValue, args: PickleValue): PickleValue;
  /** BUILD: the state of an object that a call has made. */
  build(target: PickleValue, state: PickleValue): void;
  /** BINPERSID: an object that lies outside the pickle. Absent: refused. */
  persistent?(id: PickleValue): PickleValue;
}

/** One kind of pickled file. */
export interface PickleDialect {
  words: RefusalWords;
  /** Dict keys that are not text (the state of an optimizer has numbers): `refuse`, or `drop` the entry. */
  otherKeys: 'refuse' | 'drop';
  calls(cursor: PickleCursor): PickleCalls;
}

class Mark {}
const MARK = new Mark();

class Unpickler {
  private readonly cursor: PickleCursor;
  private readonly calls: PickleCalls;
  private readonly stack: (PickleValue | Mark)[] = [];
  private readonly memo = new Map<number, PickleValue>();
  /** Dicts made so far. */
  private dicts = 0;

  constructor(
    bytes: Uint8Array,
    file: string,
    private readonly dialect: PickleDialect,
    from: number,
  ) {
    this.cursor = new PickleCursor(bytes, file, dialect.words, from);
    this.calls = dialect.calls(this.cursor);
  }

  private push(value: PickleValue | Mark): void {
    this.stack.push(value);
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value instanceof Mark) throw this.cursor.damaged('nothing on the stack');
    return value;
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  /** Everything above the last mark, which goes too. */
  private popToMark(): PickleValue[] {
    const from = this.stack.lastIndexOf(MARK);
    if (from < 0) throw this.cursor.damaged('no mark on the stack');
    const items = this.stack.splice(from);
    items.shift();
    return items as PickleValue[];
  }

  private popTuple(length: number): PickleTuple {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.pop());
    return new PickleTuple(items.reverse());
  }

  private put(index: number): void {
    this.memo.set(index, this.top());
  }

  private recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.cursor.damaged(`memo ${index} is empty`);
    this.push(value);
  }

  private setItems(items: PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0)
      throw this.cursor.damaged('keys and values without a dict');
    for (let i = 0; i < items.length; i += 2) {
      const key = textOf(items[i]);
      if (key === null) {
        if (this.dialect.otherKeys === 'drop') continue;
        throw this.cursor.damaged('a key that is not a short text');
      }
      dict.entries.set(key, items[i + 1]);
    }
  }

  private append(items: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.cursor.damaged('items without a list');
    for (const item of items) list.push(item);
  }

  /** Offset after the last instruction. */
  get end(): number {
    return this.cursor.at;
  }

  run(): PickleValue {
    for (let n = 0; n < MOST_INSTRUCTIONS; n++) {
      const start = this.cursor.at;
      const op = this.cursor.u8();
      // STOP
      if (op === 0x2e) return this.pop();
      if (!this.plain(op, start) && !this.structural(op, start))
        throw this.cursor.refused(
          `uses the instruction 0x${op.toString(16).padStart(2, '0')} at byte ${start.toLocaleString('en')}`,
          start,
        );
    }
    throw this.cursor.foreign(`has more than ${MOST_INSTRUCTIONS.toLocaleString('en')} instructions`);
  }

  /** Opcodes that push a constant, a number, text or bytes; false where it is none of them. */
  private plain(op: number, start: number): boolean {
    const { cursor } = this;
    switch (op) {
      case 0x80: // PROTO
        if (cursor.u8() > 5) throw cursor.damaged('an unknown protocol', start);
        return true;
      case 0x95: // FRAME: a hint for readers that stream
        cursor.u64();
        return true;

      case 0x4e: // NONE
        this.push(null);
        return true;
      case 0x88: // NEWTRUE
        this.push(true);
        return true;
      case 0x89: // NEWFALSE
        this.push(false);
        return true;
      case 0x4b: // BININT1
        this.push(cursor.u8());
        return true;
      case 0x4d: // BININT2
        this.push(cursor.u16());
        return true;
      case 0x4a: // BININT
        this.push(cursor.i32());
        return true;
      case 0x8a: // LONG1
        this.push(cursor.long(cursor.u8()));
        return true;
      case 0x8b: // LONG4
        this.push(cursor.long(cursor.u32()));
        return true;
      case 0x47: // BINFLOAT
        this.push(cursor.f64());
        return true;

      case 0x55: // SHORT_BINSTRING
      case 0x43: // SHORT_BINBYTES
        this.push(cursor.slice(cursor.u8()));
        return true;
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        this.push(cursor.slice(cursor.u32()));
        return true;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.push(cursor.slice(cursor.u64()));
        return true;
      case 0x8c: // SHORT_BINUNICODE
        this.push(utf8.decode(cursor.slice(cursor.u8())));
        return true;
      case 0x58: // BINUNICODE
        this.push(utf8.decode(cursor.slice(cursor.u32())));
        return true;
      default:
        return false;
    }
  }

  /** Opcodes of containers, the stack, the memo and calls; false where it is none of them. */
  private structural(op: number, start: number): boolean {
    const { cursor } = this;
    switch (op) {
      case 0x28: // MARK
        this.push(MARK);
        return true;
      case 0x30: // POP
        if (this.stack.pop() === undefined) throw cursor.damaged('nothing on the stack', start);
        return true;
      case 0x31: // POP_MARK
        this.popToMark();
        return true;

      case 0x7d: // EMPTY_DICT
        if (++this.dicts > MOST_DICTS)
          throw cursor.foreign(`holds more than ${MOST_DICTS.toLocaleString('en')} dicts`, start);
        this.push(new PickleDict());
        return true;
      case 0x5d: // EMPTY_LIST
        this.push([]);
        return true;
      case 0x29: // EMPTY_TUPLE
        this.push(new PickleTuple([]));
        return true;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        this.push(this.popTuple(op - 0x84));
        return true;
      case 0x74: // TUPLE
        this.push(new PickleTuple(this.popToMark()));
        return true;
      case 0x61: // APPEND
        this.append(this.popTuple(1).items);
        return true;
      case 0x65: // APPENDS
        this.append(this.popToMark());
        return true;
      case 0x73: // SETITEM
        this.setItems(this.popTuple(2).items);
        return true;
      case 0x75: // SETITEMS
        this.setItems(this.popToMark());
        return true;

      case 0x71: // BINPUT
        this.put(cursor.u8());
        return true;
      case 0x72: // LONG_BINPUT
        this.put(cursor.u32());
        return true;
      case 0x94: // MEMOIZE
        this.put(this.memo.size);
        return true;
      case 0x68: // BINGET
        this.recall(cursor.u8());
        return true;
      case 0x6a: // LONG_BINGET
        this.recall(cursor.u32());
        return true;

      case 0x63: // GLOBAL
        this.push(this.calls.find(cursor.line(), cursor.line()));
        return true;
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popTuple(2).items.map(textOf);
        if (name === null || module === null) throw cursor.damaged('a class without a name', start);
        this.push(this.calls.find(module, name));
        return true;
      }
      case 0x51: // BINPERSID
        if (!this.calls.persistent) return false;
        this.push(this.calls.persistent(this.pop()));
        return true;
      case 0x52: {
        // REDUCE
        const [callable, args] = this.popTuple(2).items;
        this.push(this.calls.call(callable, args));
        return true;
      }
      case 0x62: {
        // BUILD
        const state = this.pop();
        this.calls.build(this.top(), state);
        return true;
      }
      default:
        return false;
    }
  }
}

/**
 * Reads the pickle that begins at byte `from`; arrays and bytes are views of `bytes`.
 * @returns its value, and the offset after it (files may hold one pickle after the other)
 * @throws DataError
 */
export function readPickle(
  bytes: Uint8Array,
  file: string,
  dialect: PickleDialect,
  from = 0,
): { value: PickleValue; end: number } {
  const machine = new Unpickler(bytes, file, dialect, from);
  return { value: machine.run(), end: machine.end };
}
