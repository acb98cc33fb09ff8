/**
 * NumPy arrays inside a pickle, reassembled from their parts. Only whole numbers, in C order: what CIFAR's
 * files hold. Nothing of the pickled program runs; these are plain values.
 */

/** An element type: `u1`, `i8`, … and its byte order. */
export class DType {
  /** '<' little, '>' big, '|' single bytes. */
  order: string;
  constructor(
    /** 'u' unsigned, 'i' signed, 'b' truth value. */
    readonly kind: string,
    readonly bytes: number,
    order = '|',
  ) {
    this.order = order;
  }

  /** From numpy's short name; null for what no label or pixel is stored in. */
  static parse(code: string): DType | null {
    const match = /^([<>|=]?)([uib])([1248])$/.exec(code);
    if (match === null) return null;
    const bytes = Number(match[3]);
    return new DType(match[2], bytes, bytes === 1 ? '|' : match[1] === '>' ? '>' : '<');
  }
}

export class NdArray {
  shape: number[] = [];
  dtype = new DType('u', 1);
  data: Uint8Array = new Uint8Array(0);

  /** Sets all at once; false where the shape does not match the bytes. */
  fill(shape: number[], dtype: DType, data: Uint8Array): boolean {
    let elements = 1;
    for (const n of shape) elements *= n;
    if (elements * dtype.bytes !== data.length) return false;
    this.shape = shape;
    this.dtype = dtype;
    this.data = data;
    return true;
  }

  /** The elements as numbers. */
  numbers(): number[] {
    const { dtype, data } = this;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const little = dtype.order !== '>';
    const count = data.length / dtype.bytes;
    const values: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = i * dtype.bytes;
      if (dtype.bytes === 1) values.push(dtype.kind === 'i' ? view.getInt8(at) : view.getUint8(at));
      else if (dtype.bytes === 2)
        values.push(dtype.kind === 'i' ? view.getInt16(at, little) : view.getUint16(at, little));
      else if (dtype.bytes === 4)
        values.push(dtype.kind === 'i' ? view.getInt32(at, little) : view.getUint32(at, little));
      else values.push(Number(dtype.kind === 'i' ? view.getBigInt64(at, little) : view.getBigUint64(at, little)));
    }
    return values;
  }
}
