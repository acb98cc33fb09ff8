/**
 * The bytes of a pickle, read one after the other, and the sentences for what is wrong with them. A length that the file claims
 * is held against the bytes that are there before anything is taken.
 */
import { DataError } from './types.ts';

const latin1 = new TextDecoder('latin1');

const OFFICIAL = 'Use the batches of cifar-10-python.tar.gz or cifar-100-python.tar.gz.';

export class PickleCursor {
  /** Offset of the next byte. */
  at = 0;
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The bytes make no sense: they are damaged. */
  damaged(what: string, at = this.at): DataError {
    return new DataError(
      this.file,
      `${what} at byte ${at.toLocaleString('en')} of the pickle. Download the file again.`,
      at,
    );
  }

  /** The bytes make sense, but not as one of CIFAR's files. */
  foreign(what: string, at = this.at): DataError {
    return new DataError(this.file, `this pickle ${what}, which no CIFAR file needs. ${OFFICIAL}`, at);
  }

  /** The bytes ask for something to be run that is not known here. */
  refused(what: string, at = this.at): DataError {
    return new DataError(
      this.file,
      `this pickle ${what}, which no CIFAR file needs. Nothing of it was run. ${OFFICIAL}`,
      at,
    );
  }

  /** Steps over so many bytes; returns where they begin. */
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

  /** A view, not a copy. */
  slice(count: number): Uint8Array {
    const from = this.need(count);
    return this.bytes.subarray(from, from + count);
  }

  /** A whole number in little-endian two's complement, as LONG1 has it. */
  long(count: number): number {
    const start = this.at;
    const digits = this.slice(count);
    if (count > 8) throw this.damaged('a number of more than 64 bits', start);
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
