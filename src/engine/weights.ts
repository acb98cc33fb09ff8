/**
 * Weights in and out: the safetensors format (https://github.com/huggingface/safetensors, "Format") and PyTorch's names.
 *
 *   8 bytes   length n of the header, little-endian
 *   n bytes   JSON: { name: { dtype, shape, data_offsets: [from, to) }, __metadata__?: { text: text } }, padded with spaces
 *   the rest  the tensors, row-major, little-endian, without holes
 *
 * Written: F32. Read: F32, F64, F16, BF16, I64, I32, I16, I8, U8 and BOOL, all turned into float32.
 */
import { bfloatToNumber, halfToNumber } from '../domain/floats.ts';
import { canonicalParameters, ParameterNameError } from '../domain/parameterNames.ts';
import { parametersOf, type NetworkSpec } from '../domain/network.ts';
import { shown } from '../domain/printable.ts';
import type { TensorMap } from './api.ts';

/** A weights file that cannot be used; the message says where it is wrong. */
export class WeightsError extends Error {
  override name = 'WeightsError';
}

export interface Safetensors {
  tensors: TensorMap;
  metadata: Record<string, string>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** The header of ResNet-18 has 15,000 bytes; this allows networks a hundred times as deep. */
const HEADER_LIMIT = 10_000_000;
const MOST_DIMENSIONS = 8;
/** "PK\x03\x04". */
const ZIP = 0x504b0304;

type Decode = (view: DataView, count: number) => Float32Array;
const decoder = (size: number, get: (view: DataView, byte: number) => number): { size: number; decode: Decode } => ({
  size,
  decode: (view, count) => {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = get(view, i * size);
    return values;
  },
});

const DTYPES: Record<string, { size: number; decode: Decode }> = {
  F32: decoder(4, (view, byte) => view.getFloat32(byte, true)),
  F64: decoder(8, (view, byte) => view.getFloat64(byte, true)),
  F16: decoder(2, (view, byte) => halfToNumber(view.getUint16(byte, true))),
  BF16: decoder(2, (view, byte) => bfloatToNumber(view.getUint16(byte, true))),
  I64: decoder(8, (view, byte) => Number(view.getBigInt64(byte, true))),
  I32: decoder(4, (view, byte) => view.getInt32(byte, true)),
  I16: decoder(2, (view, byte) => view.getInt16(byte, true)),
  I8: decoder(1, (view, byte) => view.getInt8(byte)),
  U8: decoder(1, (view, byte) => view.getUint8(byte)),
  BOOL: decoder(1, (view, byte) => (view.getUint8(byte) ? 1 : 0)),
};

const sizeOf = (shape: number[]) => shape.reduce((product, n) => product * n, 1);

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8)
    throw new WeightsError(`Not a safetensors file: it has ${bytes.length} bytes, its header length alone takes 8.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > HEADER_LIMIT || 8 + length > bytes.length)
    throw new WeightsError(
      view.getUint32(0) === ZIP
        ? 'Not a safetensors file but a zip archive, as torch.save writes it: save the weights with safetensors.torch.save_file.'
        : `Not a safetensors file, or cut short: its header should take ${length} bytes, the file has ${bytes.length}.`,
    );
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new WeightsError('Not a safetensors file: its header is not JSON.', { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new WeightsError('Not a safetensors file: its header is not a JSON object.');
  return { header: header as Record<string, unknown>, start: 8 + length };
}

function checkEntry(name: string, value: unknown, available: number): Entry {
  const entry = value as Partial<Entry> | null;
  const natural = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  const fail = (what: string): never => {
    throw new WeightsError(`Tensor ${shown(name)}: ${what}`);
  };
  if (typeof entry !== 'object' || entry === null) fail('its header entry is not an object.');
  const { dtype, shape, data_offsets: offsets } = entry as Partial<Entry>;
  if (typeof dtype !== 'string' || !Object.hasOwn(DTYPES, dtype))
    fail(`type ${shown(dtype)} is not supported; supported are ${Object.keys(DTYPES).join(', ')}.`);
  if (!Array.isArray(shape) || shape.length > MOST_DIMENSIONS || !shape.every(natural))
    fail(`its shape is not a list of at most ${MOST_DIMENSIONS} whole numbers.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(natural) || offsets[0] > offsets[1])
    fail('its data_offsets are not two whole numbers in rising order.');
  const { size } = DTYPES[dtype!];
  const [from, to] = offsets!;
  if (to > available)
    fail(`its data would end at byte ${to}, but the file holds ${available} bytes of data: cut short?`);
  if (to - from !== sizeOf(shape!) * size)
    fail(
      `shape ${JSON.stringify(shape)} of ${dtype} takes ${sizeOf(shape!) * size} bytes, its offsets give ${to - from}.`,
    );
  // The fields that were checked, and no others that the file may have.
  return { dtype: dtype!, shape: shape!, data_offsets: offsets! };
}

/** The format allows text alone in the metadata. */
function textsOf(metadata: unknown): Record<string, string> {
  const fields = typeof metadata === 'object' && metadata !== null ? Object.entries(metadata) : null;
  if (fields === null || Array.isArray(metadata) || !fields.every(([, value]) => typeof value === 'string'))
    throw new WeightsError('The __metadata__ of the safetensors header is not an object of texts.');
  return Object.fromEntries(fields as [string, string][]);
}

/**
 * Reads a safetensors file.
 * @throws WeightsError naming the tensor that is wrong.
 */
export function readSafetensors(file: ArrayBuffer | Uint8Array): Safetensors {
  const bytes = file instanceof Uint8Array ? file : new Uint8Array(file);
  const { header, start } = readHeader(bytes);
  const { __metadata__: metadata = {}, ...rest } = header;
  const available = bytes.length - start;
  const entries = Object.entries(rest).map(([name, value]) => ({ name, ...checkEntry(name, value, available) }));

  let end = 0;
  for (const {
    name,
    data_offsets: [from, to],
  } of [...entries].sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1])) {
    if (from !== end)
      throw new WeightsError(
        `Tensor ${shown(name)} begins at byte ${from}, but byte ${end} was expected: tensors overlap or leave a gap.`,
      );
    end = to;
  }
  if (end !== available)
    throw new WeightsError(`The tensors take ${end} bytes, but the file holds ${available} bytes of data.`);

  const tensors: TensorMap = new Map();
  for (const {
    name,
    dtype,
    shape,
    data_offsets: [from, to],
  } of entries) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start + from, to - from);
    tensors.set(name, { shape, data: DTYPES[dtype].decode(view, sizeOf(shape)) });
  }
  return { tensors, metadata: textsOf(metadata) };
}

/**
 * Writes tensors as F32, in the map's order. The same tensors give the same bytes.
 * @throws WeightsError where a tensor's data do not fill its shape.
 */
export function writeSafetensors(tensors: TensorMap, metadata: Record<string, string> = {}): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = Object.keys(metadata).length ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    if (data.length !== sizeOf(shape))
      throw new WeightsError(`Tensor "${name}": ${data.length} numbers do not fill shape [${shape.join(', ')}].`);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += data.length * 4)] };
  }
  let text = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  text = padded;
  const bytes = new Uint8Array(8 + text.length + offset);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  // The header fills whole 8 bytes, and every platform with WebGPU is little-endian: the data is copied as it lies in memory.
  const floats = new Float32Array(bytes.buffer, 8 + text.length, offset / 4);
  let at = 0;
  for (const { data } of tensors.values()) {
    floats.set(data, at);
    at += data.length;
  }
  return bytes;
}

/**
 * Renames what the common CIFAR repositories write to the studio's names (domain: parameterNames).
 * @throws WeightsError where two tensors would get one name.
 */
export function canonicalNames(tensors: TensorMap): TensorMap {
  try {
    return canonicalParameters(tensors);
  } catch (cause) {
    throw cause instanceof ParameterNameError ? new WeightsError(cause.message, { cause }) : cause;
  }
}

/**
 * Checks that `tensors` (canonical names) hold every weight and batch-norm buffer of the network in its shape, all numbers finite.
 * Further tensors are let through: gate parameters and what the caller may know.
 * @throws WeightsError naming the first tensor that is missing or wrong.
 */
export function checkWeights(tensors: TensorMap, network: NetworkSpec): void {
  for (const { name, shape } of parametersOf(network)) {
    const tensor = tensors.get(name);
    if (!tensor)
      throw new WeightsError(`The weights lack "${name}": they are of another network than ${describe(network)}.`);
    if (tensor.shape.join() !== shape.join())
      throw new WeightsError(
        `"${name}" has shape [${tensor.shape.join(', ')}], ${describe(network)} wants [${shape.join(', ')}].`,
      );
    if (!tensor.data.every(Number.isFinite)) throw new WeightsError(`"${name}" holds numbers that are not finite.`);
    if (name.endsWith('.running_var') && tensor.data.some((variance) => variance < 0))
      throw new WeightsError(`"${name}" holds negative variances.`);
  }
}

const describe = ({ family, blocks, widths, classes }: NetworkSpec) =>
  `${family} with blocks ${blocks.join('-')}, widths ${widths.join('-')}, ${classes} classes`;
