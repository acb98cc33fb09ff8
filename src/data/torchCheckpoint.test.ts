/** PyTorch's checkpoints, as PyTorch wrote them (test/pytorch/checkpoints.py), and hostile ones. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, test } from 'vitest';
import { canonicalParameters } from '../domain/parameterNames.ts';
import { readSafetensors } from '../engine/weights.ts';
import { Random } from '../domain/random.ts';
import { PickleWriter } from './testing.ts';
import { isTorchCheckpoint, readTorchCheckpoint } from './torchCheckpoint.ts';
import { DataError } from './types.ts';

const folder = fileURLToPath(new URL('../../test/fixtures/checkpoints', import.meta.url));
const file = (name: string) => new Uint8Array(readFileSync(`${folder}/${name}`));
const { cases } = JSON.parse(new TextDecoder().decode(file('cases.json'))) as {
  cases: { file: string; key: string }[];
};

/** A zip archive of members, deflated where `level` is not 0. */
async function zipped(members: [string, Uint8Array][], level = 0): Promise<Uint8Array> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { level, useWebWorkers: false });
  for (const [name, bytes] of members) await writer.add(name, new Uint8ArrayReader(bytes));
  return writer.close();
}

/** data.pkl of {name: a float32 tensor of this shape and strides}, its storage under key "0". */
function tensorPickle(name: string, shape: number[], strides: number[], elements: number): Uint8Array {
  const tuple = (writer: PickleWriter, numbers: number[]) => {
    writer.raw(0x28);
    for (const n of numbers) writer.int(n);
    return writer.raw(0x74);
  };
  const writer = new PickleWriter().raw(0x7d, 0x28).unicode(name).global('torch._utils', '_rebuild_tensor_v2');
  writer.raw(0x28, 0x28).unicode('storage').global('torch', 'FloatStorage').unicode('0').unicode('cpu').int(elements);
  writer.raw(0x74, 0x51).int(0);
  tuple(writer, shape);
  tuple(writer, strides);
  return writer.raw(0x89, 0x4e, 0x74, 0x52, 0x75).end();
}

describe('checkpoints that PyTorch wrote', () => {
  test('cover every case that the script lists', () => {
    expect(cases.length).toBeGreaterThanOrEqual(17);
  });

  test.each(cases)('$file holds the weights that PyTorch saved', async ({ file: name, key }) => {
    expect(isTorchCheckpoint(file(name))).toBe(true);
    const { tensors } = await readTorchCheckpoint(file(name), name);
    const expected = readSafetensors(file(`weights-${key}.safetensors`)).tensors;
    const found = canonicalParameters(tensors);
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [parameter, { shape, data }] of expected) {
      expect(found.get(parameter)!.shape).toEqual(shape);
      expect(found.get(parameter)!.data).toEqual(data);
    }
  });

  test('the state dict is found in its container', async () => {
    expect((await readTorchCheckpoint(file('training.pth.tar'), 'x')).container).toBe('state_dict');
    expect((await readTorchCheckpoint(file('kuangliu-net.pth'), 'x')).container).toBe('net');
    expect((await readTorchCheckpoint(file('torchvision.pt'), 'x')).container).toBeNull();
  });
});

describe('refused, each with its sentence', () => {
  const refusal = async (bytes: Uint8Array): Promise<string> => {
    try {
      await readTorchCheckpoint(bytes, 'a.pt');
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      return (error as DataError).message;
    }
    return 'read';
  };

  test.each([
    ['evil.pt', /asks for the class posix\.system, .*Nothing of it was run/],
    ['evil-old.pt', /asks for the class posix\.system/],
    ['whole-model.pt', /asks for the class __main__\.ResNet, .*state_dict\(\)/],
    ['tensor.pt', /a single tensor/],
    ['empty.pt', /no state dict \(its keys: epoch\)/],
  ])('%s', async (name, sentence) => {
    expect(await refusal(file(name))).toMatch(sentence);
  });

  test('two names of one parameter', async () => {
    const { tensors } = await readTorchCheckpoint(file('two-names.pt'), 'x');
    expect(() => canonicalParameters(tensors)).toThrow('Both "fc.bias" and "module.fc.bias" stand for "fc.bias".');
  });

  test.each(['torchvision.pt', 'torchvision-old.pth'])('%s cut short anywhere', async (name) => {
    const whole = file(name);
    for (const share of [0.001, 0.1, 0.5, 0.9, 0.999])
      expect(await refusal(whole.slice(0, Math.floor(whole.length * share)))).toMatch(/cut short|too early|neither/);
  });

  test('a zip bomb is not unpacked', async () => {
    const zeros = new Uint8Array(40_000_000);
    const bomb = await zipped(
      [
        ['a/data.pkl', tensorPickle('w', [2], [1], 2)],
        ['a/data/0', zeros],
      ],
      9,
    );
    expect(bomb.length).toBeLessThan(100_000);
    expect(await refusal(bomb)).toMatch(/a\/data\/0 has 40,000,000 bytes, its tensor needs 8/);
    const pickle = await zipped([['a/data.pkl', new Uint8Array(70_000_000)]], 9);
    expect(await refusal(pickle)).toMatch(/data\.pkl unpacks to 70,000,000 bytes; at most 67,108,864/);
  });

  test('a tensor repeated by a stride of 0 beyond all memory', async () => {
    const bytes = await zipped([
      ['a/data.pkl', tensorPickle('w', [1_000_000, 1_000_000], [0, 0], 2)],
      ['a/data/0', new Uint8Array(8)],
    ]);
    expect(await refusal(bytes)).toMatch(/more than 134,217,728 numbers \(at w\)/);
  });

  test('a tensor that ends past its storage', async () => {
    const bytes = await zipped([
      ['a/data.pkl', tensorPickle('w', [3], [1], 2)],
      ['a/data/0', new Uint8Array(8)],
    ]);
    expect(await refusal(bytes)).toMatch(/ends past its storage of 2 numbers/);
  });

  test('a member that is there twice, none, and another archive', async () => {
    const pickle = tensorPickle('w', [2], [1], 2);
    expect(await refusal(await zipped([['a/data.pkl', pickle]]))).toMatch(/no member a\/data\/0/);
    expect(await refusal(await zipped([['a.txt', pickle]]))).toMatch(/no PyTorch checkpoint/);
    expect(
      await refusal(
        await zipped([
          ['a/data.pkl', pickle],
          ['b/data.pkl', pickle],
        ]),
      ),
    ).toMatch(/2 members called data\.pkl/);
  });

  test('two members of one name', async () => {
    const names = ['a/data.pkl', 'a/data/0', 'a/data/1'];
    const bytes = await zipped(names.map((name) => [name, tensorPickle('w', [2], [1], 2)]));
    // zip.js writes no such archive: the last name is changed by hand, in its header and in the directory.
    const name = new TextEncoder().encode('a/data/1');
    for (let i = 0; i < bytes.length - name.length; i++)
      if (name.every((byte, k) => bytes[i + k] === byte)) bytes[i + name.length - 1] = 0x30;
    expect(await refusal(bytes)).toMatch(/two members called a\/data\/0/);
  });

  test('a byte that was changed in a storage', async () => {
    const bytes = file('torchvision.pt');
    bytes[bytes.length >> 1] ^= 4;
    expect(await refusal(bytes)).toMatch(/damaged/);
  });

  test('what is no checkpoint at all', async () => {
    expect(await refusal(new TextEncoder().encode('not a checkpoint'))).toMatch(/neither a zip archive nor a pickle/);
    expect(await refusal(new Uint8Array(0))).toMatch(/empty/);
    expect(await refusal(new PickleWriter().raw(0x7d).end())).toMatch(/not one that torch\.save wrote/);
  });

  test(
    'damage at random ends in a reading or in a sentence, never in another error',
    { timeout: 120_000 },
    async () => {
      const random = new Random(11);
      const names = readdirSync(folder).filter((name) =>
        /^(torchvision|training)[\w-]*\.(pt|pth|pth\.tar)$/.test(name),
      );
      const rounds = Number(process.env.RELU_FUZZ ?? 150);
      for (let round = 0; round < rounds; round++) {
        const bytes = file(names[random.below(names.length)]);
        for (let k = 1 + random.below(4); k > 0; k--)
          bytes[random.below(random.below(2) === 0 ? 2000 : bytes.length)] = random.uint32();
        const cut = random.below(4) === 0 ? bytes.slice(0, random.below(bytes.length)) : bytes;
        expect(await refusal(cut)).toMatch(/^(read$|a\.pt: )/);
      }
    },
  );
});
