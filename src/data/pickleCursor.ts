/**
 * The bytes of a pickle, read one after the other, and the sentences for what is wrong with them. A length that the file claims
 * is held against the bytes that are there before anything is taken.
 */
import { DataError } from './types.ts';

const latin1 = new TextDecoder('latin1');

/** Bytes. The longest number of a known file is the 10-byte magic number of PyTorch's old format. */
const LONGEST_NUMBER = 16;

/** How a refusal reads: "this pickle asks for the class os.system, which `unneeded`. … `advice`". */
export interface RefusalWords {
  unneeded: string;
  advice: string;
}

export class PickleCursor {
  private readonly view: DataView;

  /** @param at offset of the next byte */
  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
    private readonly words: RefusalWords,
    public at = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Error for bytes that are damaged. */
  damaged(what: string, at = this.at): DataError {
    return new DataError(
      this.file,
      `${what} at byte ${at.toLocaleString('en')} of the pickle. Download the file again.`,
      at,
    );
  }

  /** The bytes make sense, but not as a file of the kind that is being read. */
  foreign(what: string, at = this.at): DataError {
    return new DataError(this.file, `this pickle ${what}, which ${this.words.unneeded}. ${this.words.advice}`, at);
  }

  /** The bytes ask for something to be run that is not known here. */
  refused(what: string, at = this.at): DataError {
    return new DataError(
      this.file,
      `this pickle ${what}, which ${this.words.unneeded}. Nothing of it was run. ${this.words.advice}`,
      at,
    );
  }

  /** Advances by `count` bytes; returns where they begin. */
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

  u8(): number {
    return this.bytes[this.need(1)];
  }

  u16(): number {
    return this.view.getUint16(this.need(2), true);
  }

  i32(): number {
    return this.view.getInt32(this.need(4), true);
  }

  u32(): number {
    return this.view.getUint32(this.need(4), true);
  }

  u64(): number {
    return Number(this.view.getBigUint64(this.need(8), true));
  }

  /** A double, big-endian as Python's BINFLOAT has it. */
  f64(): number {
    return this.view.getFloat64(this.need(8), false);
  }

  /** A view, not a copy. */
  slice(count: number): Uint8Array {
    const from = this.need(count);
    return this.bytes.subarray(from, from + count);
  }

  /** A whole number in little-endian two's complement, as LONG1 has it; rounded to a double beyond 2^53. */
  long(count: number): number {
    const start = this.at;
    const digits = this.slice(count);
    if (count > LONGEST_NUMBER) throw this.damaged(`a number of more than ${8 * LONGEST_NUMBER} bits`, start);
    let value = 0n;
    digits.forEach((digit, i) => (value |= BigInt(digit) << BigInt(8 * i)));
    return Number(BigInt.asIntN(8 * count, value));
  }

  /** Up to the next newline, which goes too. */
  line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) this.need(this.bytes.length);
    const text = latin1.decode(this.slice(end - this.at));
    this.at++;
    return text;
  }
}
