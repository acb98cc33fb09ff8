/** Numbers of a PyTorch storage, of whatever type, byte order and strides → float32, row-major. */
import { bfloatToNumber, halfToNumber } from '../domain/floats.ts';
import { TORCH_TYPE_BYTES } from './torchPickle.ts';
import type { TorchTensor, TorchType } from './torchPickle.ts';

/** A tensor of a foreign file: row-major float32. */
export interface ForeignTensor {
  shape: number[];
  data: Float32Array<ArrayBuffer>;
}

type Read = (view: DataView, byte: number, little: boolean) => number;

const READ: Record<TorchType, Read> = {
  float32: (view, byte, little) => view.getFloat32(byte, little),
  float64: (view, byte, little) => view.getFloat64(byte, little),
  float16: (view, byte, little) => halfToNumber(view.getUint16(byte, little)),
  bfloat16: (view, byte, little) => bfloatToNumber(view.getUint16(byte, little)),
  int64: (view, byte, little) => Number(view.getBigInt64(byte, little)),
  int32: (view, byte, little) => view.getInt32(byte, little),
  int16: (view, byte, little) => view.getInt16(byte, little),
  int8: (view, byte) => view.getInt8(byte),
  uint8: (view, byte) => view.getUint8(byte),
  bool: (view, byte) => (view.getUint8(byte) ? 1 : 0),
};

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * @param bytes the tensor's whole storage
 * @param little its byte order
 */
export function readTensor({ storage, offset, shape, strides }: TorchTensor, bytes: Uint8Array, little: boolean) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = TORCH_TYPE_BYTES[storage.type];
  const read = READ[storage.type];
  const data = new Float32Array(elementsOf(shape));
  const index = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < data.length; i++) {
    data[i] = read(view, at * size, little);
    // Counts the index up, the last axis first, as an odometer does.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { shape, data } satisfies ForeignTensor;
}
