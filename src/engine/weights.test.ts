/** Safetensors and parameter names: what is written reads back, and damaged files are refused by tensor. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { NetworkSpec } from '../domain/network.ts';
import type { TensorMap } from './api.ts';
import { initialWeights } from './initial.ts';
import { canonicalNames, checkWeights, readSafetensors, WeightsError, writeSafetensors } from './weights.ts';

/** A file by hand: the header as given, then the bytes. */
function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const spec: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1, 1],
  widths: [3, 6],
  stemGate: true,
  inputShape: [3, 8, 8],
  classes: 4,
};
const fixture = readFileSync(new URL('../../test/fixtures/relu/tensors.safetensors', import.meta.url));

describe('reading safetensors', () => {
  it('reads what the PyTorch reference wrote, integers included', () => {
    const { tensors } = readSafetensors(fixture);
    expect(tensors.get('images')!.shape).toEqual([8, 3, 32, 32]);
    expect([...tensors.get('labels')!.data].every((label) => Number.isInteger(label) && label >= 0 && label < 10)).toBe(
      true,
    );
    expect(tensors.get('before/layer4.0.downsample.0.weight')!.shape).toEqual([32, 16, 1, 1]);
    expect(tensors.get('loss')!.shape).toEqual([]);
    expect(tensors.get('loss')!.data).toHaveLength(1);
  });

  it('decodes every type it names', () => {
    const view = new DataView(new ArrayBuffer(64));
    view.setFloat64(0, Math.PI, true);
    view.setUint16(8, 0x3c00, true); // 1
    view.setUint16(10, 0xfbff, true); // −65504, the largest half
    view.setUint16(12, 0x0001, true); // 2^−24, the smallest
    view.setUint16(14, 0x3555, true); // 0.333251953125
    view.setUint16(16, 0x4049, true); // bfloat16 of π: 3.140625
    view.setInt16(18, -2, true);
    view.setBigInt64(20, -(2n ** 40n), true);
    view.setInt32(28, -7, true);
    view.setUint8(32, 255);
    view.setInt8(33, -1);
    view.setUint8(34, 1);
    const entry = (dtype: string, shape: number[], from: number, to: number) => ({
      dtype,
      shape,
      data_offsets: [from, to],
    });
    const { tensors, metadata } = readSafetensors(
      file(
        {
          __metadata__: { made: 'by hand' },
          f64: entry('F64', [1], 0, 8),
          f16: entry('F16', [2, 2], 8, 16),
          bf16: entry('BF16', [], 16, 18),
          i16: entry('I16', [1], 18, 20),
          i64: entry('I64', [1], 20, 28),
          i32: entry('I32', [1], 28, 32),
          u8: entry('U8', [1], 32, 33),
          i8: entry('I8', [1], 33, 34),
          bool: entry('BOOL', [1], 34, 35),
          empty: entry('F32', [0, 4], 35, 35),
        },
        new Uint8Array(view.buffer, 0, 35),
      ),
    );
    const read = Object.fromEntries([...tensors].map(([name, tensor]) => [name, [...tensor.data]]));
    expect(read).toEqual({
      f64: [Math.fround(Math.PI)],
      f16: [1, -65504, 2 ** -24, 0.333251953125],
      bf16: [3.140625],
      i16: [-2],
      i64: [-(2 ** 40)],
      i32: [-7],
      u8: [255],
      i8: [-1],
      bool: [1],
      empty: [],
    });
    expect(metadata).toEqual({ made: 'by hand' });
  });

  const one = (change: object) => ({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change } });
  const four = new Uint8Array(4);
  it.each([
    ['an empty file', new Uint8Array(), /0 bytes/],
    ['a header longer than the file', file('{}').fill(0xff, 0, 3), /cut short/],
    ['a header that is not JSON', file('{nope'), /not JSON/],
    ['a list for a header', file('[]'), /not a JSON object/],
    [
      'what torch.save writes',
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0),
      /zip archive, as torch\.save writes it: save/,
    ],
    ['an unknown type', file(one({ dtype: 'Q4' }), four), /"a": type "Q4"/],
    ['a type named like an object method', file(one({ dtype: 'toString' }), four), /"a": type/],
    ['a negative size', file(one({ shape: [-1] }), four), /"a": its shape/],
    ['offsets that do not fit the shape', file(one({ shape: [2] }), four), /"a": shape \[2\] of F32 takes 8 bytes/],
    ['data cut short', file(one({}), four.subarray(1)), /"a": its data would end at byte 4/],
    ['data left over', file(one({}), new Uint8Array(5)), /holds 5 bytes/],
    ['a hole', file(one({ data_offsets: [4, 8] }), new Uint8Array(8)), /begins at byte 4/],
    ['overlap', file({ ...one({}), b: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, four), /overlap/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(WeightsError);
    expect(() => readSafetensors(bytes)).toThrow(message);
  });
});

describe('writing safetensors', () => {
  it('reads back the same numbers, names, shapes and order', () => {
    const tensors: TensorMap = new Map([
      ['b', { shape: [2, 2], data: Float32Array.of(1.5, -0, 3e-39, Infinity) }],
      ['a', { shape: [], data: Float32Array.of(0.1) }],
      ['none', { shape: [0], data: new Float32Array() }],
    ]);
    const bytes = writeSafetensors(tensors, { format: 'pt' });
    const back = readSafetensors(bytes);
    expect([...back.tensors]).toEqual([...tensors]);
    expect(back.metadata).toEqual({ format: 'pt' });
    expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
  });

  it('refuses data that do not fill their shape', () => {
    expect(() => writeSafetensors(new Map([['a', { shape: [3], data: new Float32Array(2) }]]))).toThrow(
      /"a": 2 numbers/,
    );
  });
});

describe('names of other repositories', () => {
  const tensor = { shape: [1], data: new Float32Array(1) };
  it('become torchvision’s', () => {
    const names = [
      'module.layer2.0.shortcut.0.weight',
      'module.linear.bias',
      'bn1.num_batches_tracked',
      'conv1.weight',
      'layer1.0.nonlinear.weight',
    ];
    expect([...canonicalNames(new Map(names.map((name) => [name, tensor]))).keys()]).toEqual([
      'layer2.0.downsample.0.weight',
      'fc.bias',
      'conv1.weight',
      'layer1.0.nonlinear.weight',
    ]);
  });

  it('may not collide', () => {
    expect(() =>
      canonicalNames(
        new Map([
          ['fc.bias', tensor],
          ['linear.bias', tensor],
        ]),
      ),
    ).toThrow(/Both "fc.bias" and "linear.bias"/);
  });
});

describe('checking weights against a network', () => {
  it('accepts the network’s own and further tensors', () => {
    const weights = initialWeights(spec, 1).set('layer1.0.gate1.alpha', { shape: [1], data: new Float32Array(1) });
    expect(() => checkWeights(weights, spec)).not.toThrow();
  });
  it('names what is missing, misshapen or not finite', () => {
    const missing = initialWeights(spec, 1);
    missing.delete('layer2.0.bn2.bias');
    expect(() => checkWeights(missing, spec)).toThrow(/lack "layer2.0.bn2.bias"/);
    expect(() => checkWeights(initialWeights({ ...spec, widths: [3, 5] }, 1), spec)).toThrow(
      /"layer2.0.conv1.weight" has shape \[5, 3, 3, 3\]/,
    );
    const broken = initialWeights(spec, 1);
    broken.get('fc.weight')!.data[3] = NaN;
    expect(() => checkWeights(broken, spec)).toThrow(/"fc.weight" holds numbers that are not finite/);
    const negative = initialWeights(spec, 1);
    negative.get('bn1.running_var')!.data[0] = -1;
    expect(() => checkWeights(negative, spec)).toThrow(/"bn1.running_var" holds negative variances/);
  });
});
