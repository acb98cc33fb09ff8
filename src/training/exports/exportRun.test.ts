/** Exports of random networks with gates of every kind: they agree with each other, with the counts and with NumPy. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { agreement, normalised, onnxLogits } from '../../../test/onnx.ts';
import { pythonWithTorch } from '../../../test/python.ts';
import { ZipArchive } from '../../data/zip.ts';
import { countsOf } from '../../domain/counting.ts';
import { EXPORT_FORMATS } from '../../domain/exportFormats.ts';
import { gateListSchema, type GateList } from '../../domain/gateList.ts';
import { encodeMasks, masksText } from '../../domain/masksFile.ts';
import { parametersOf, type NetworkSpec } from '../../domain/network.ts';
import { fromBase64, unpackBits } from '../../domain/packbits.ts';
import { presetOf } from '../../domain/presets.ts';
import { about, accuracy, randomGates, randomKnown, randomNetwork, seeded, type Random } from '../../domain/testing.ts';
import type { ImageSet, TensorMap } from '../../engine/api.ts';
import { writeSafetensors } from '../../engine/weights.ts';
import { importMasks, type ImportedRun } from '../importMasks.ts';
import { exportRun } from './exportRun.ts';
import { onnxModel } from './onnx.ts';
import { readRunArchive, type ArchivedRun } from './runArchive.ts';

const folder = mkdtempSync(join(tmpdir(), 'relu-studio-exports-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A run of a random network with random gates and weights. */
function randomRun(random: Random, network: NetworkSpec = randomNetwork(random)): ArchivedRun {
  const gates = randomGates(random, network);
  const known = randomKnown(random, network, gates);
  const tensors: TensorMap = new Map(
    parametersOf(network).map(({ name, shape, role }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      const draw = () => (role === 'running-var' ? 0.5 + random.next() : 2 * random.next() - 1);
      return [name, { shape, data: Float32Array.from({ length: size }, draw) }];
    }),
  );
  const trained = Object.fromEntries(
    Object.entries(known).map(([site, { kept, scale }]) => [
      site,
      {
        ...(kept && { kept: Uint8Array.from(kept) }),
        ...(scale && { scale: Float32Array.from(scale), shift: Float32Array.from(scale, () => random.next() - 0.5) }),
      },
    ]),
  );
  const weights = writeSafetensors(tensors);
  const named = { file: 'model.safetensors', sha256: createHash('sha256').update(weights).digest('hex') };
  const masks = encodeMasks({ about: { ...about, weights: named }, accuracy, network, gates, trained });
  return {
    name: 'A run',
    createdAt: '2026-11-21T08:00:00Z',
    finishedAt: '2026-11-21T09:00:00Z',
    seconds: 12.5,
    masks: masksText(masks),
    weights,
    experiment: presetOf('dense-quick'),
    history: { phases: [], steps: [], epochs: [], switches: [], warnings: ['one'] },
  };
}

const imagesFor = (random: Random, { inputShape: shape }: NetworkSpec, count: number): ImageSet => ({
  images: Uint8Array.from({ length: count * shape[0] * shape[1] * shape[2] }, () => random.below(256)),
  labels: new Uint8Array(count),
  count,
  shape,
  mean: about.dataset.mean,
  std: about.dataset.std,
});

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const parse = async (run: ArchivedRun) => importMasks(run.masks, new Uint8Array(run.weights));

interface Values {
  shape: number[];
  data: Float64Array;
}

/** Follows a gate list on one image, as docs/gates.md describes it, in plain loops. Returns logits and what was counted. */
function follow({ steps, input }: GateList, weights: TensorMap, image: ArrayLike<number>, shape: number[]) {
  const values = new Map<string, Values>([[input, { shape, data: Float64Array.from(image) }]]);
  const bitsOf = new Map<string, Uint8Array>();
  const counted = { compare: 0, multiply: 0 };
  const parameter = (name: string) => weights.get(name)!.data;
  for (const step of steps) {
    if (step.op === 'conv') {
      const { shape: from, data } = values.get(step.input)!;
      const [outputs, inputs] = weights.get(step.weight)!.shape;
      const w = parameter(step.weight);
      const side = (n: number) => Math.floor((n + 2 * step.padding - step.kernel) / step.stride) + 1;
      const [height, width] = [side(from[1]), side(from[2])];
      const out = new Float64Array(outputs * height * width);
      for (let o = 0; o < outputs; o++)
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            let sum = 0;
            for (let i = 0; i < inputs; i++)
              for (let ky = 0; ky < step.kernel; ky++)
                for (let kx = 0; kx < step.kernel; kx++) {
                  const [sy, sx] = [y * step.stride + ky - step.padding, x * step.stride + kx - step.padding];
                  if (sy < 0 || sx < 0 || sy >= from[1] || sx >= from[2]) continue;
                  sum +=
                    w[((o * inputs + i) * step.kernel + ky) * step.kernel + kx] *
                    data[(i * from[1] + sy) * from[2] + sx];
                }
            out[(o * height + y) * width + x] = sum;
          }
      if (step.add !== null) values.get(step.add)!.data.forEach((value, i) => (out[i] += value));
      values.set(step.output, { shape: [outputs, height, width], data: out });
    } else if (step.op === 'norm') {
      const { shape: from, data } = values.get(step.input)!;
      const size = from[1] * from[2];
      const [weight, bias, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((s) =>
        parameter(`${step.norm}.${s}`),
      );
      const normed = data.map((value, i) => {
        const c = Math.floor(i / size);
        return ((value - mean[c]) / Math.sqrt(variance[c] + step.epsilon)) * weight[c] + bias[c];
      });
      values.set(step.output, { shape: from, data: normed });
    } else if (step.op === 'add') {
      const [a, b] = step.inputs.map((name) => values.get(name)!);
      values.set(step.output, { shape: a.shape, data: a.data.map((value, i) => value + b.data[i]) });
    } else if (step.op === 'gate') {
      const { shape: from, data } = values.get(step.input)!;
      const size = from[1] * from[2];
      const compare = unpackBits(fromBase64(step.compare.data), data.length);
      const multiply = unpackBits(fromBase64(step.multiply.data), data.length);
      bitsOf.set(
        step.site,
        compare.map((wanted, i) => (wanted ? (data[i] > 0 ? 1 : 0) : 2)),
      );
      const out = data.map((value, i) => {
        const c = Math.floor(i / size);
        counted.compare += compare[i];
        counted.multiply += multiply[i];
        if (!multiply[i]) return step.constant[c] * value;
        const bit = bitsOf.get(step.source.site)![step.source.channels[c] * size + (i % size)];
        if (bit === 2) throw new Error(`${step.site} multiplies by a bit that was not computed`);
        return value * (step.scale[c] * bit + step.shift[c]);
      });
      values.set(step.output, { shape: from, data: out });
    } else {
      const { shape: from, data } = values.get(step.input)!;
      const size = from[1] * from[2];
      const pooled = Float64Array.from(
        { length: from[0] },
        (_, c) => data.slice(c * size, (c + 1) * size).reduce((a, b) => a + b, 0) / size,
      );
      const logits = parameter(step.bias).map((bias, k) =>
        pooled.reduce((sum, value, c) => sum + value * parameter(step.weight)[k * from[0] + c], bias),
      );
      return { logits, counted };
    }
  }
  throw new Error('no logits');
}

describe('the list of gates', () => {
  test(
    'followed step by step gives the logits of the ONNX file, with as many comparisons and multiplications as are counted',
    { timeout: 120_000 },
    async () => {
      const random = seeded(9);
      for (let i = 0; i < 25; i++) {
        const run = randomRun(random);
        const read: ImportedRun = await parse(run);
        const { network, counts } = read.masks;
        const list = gateListSchema.parse(JSON.parse(text(await exportRun(run, 'gates'))));
        const images = imagesFor(random, network, 3);
        const size = network.inputShape.reduce((product, n) => product * n, 1);
        const input = normalised(images, 0, 3);
        const followed = [0, 1, 2].map((n) =>
          follow(list, read.weights, input.subarray(n * size, (n + 1) * size), network.inputShape),
        );
        const logits = followed.flatMap((one) => Array.from(one.logits));
        const { error } = agreement(await onnxLogits(onnxModel(read), images, 3), logits, network.classes);
        expect(error).toBeLessThan(1e-4);
        expect(followed[0].counted).toEqual({ compare: counts.total.drelus, multiply: counts.total.multiplications });
        expect(list.metrics).toEqual({ drelus: counts.total.drelus, multiplications: counts.total.multiplications });
      }
    },
  );
});

describe.skipIf(!pythonWithTorch())('the PyTorch loader', () => {
  test(
    'has the logits of the ONNX file and its counts, for random networks and gates',
    { timeout: 180_000 },
    async () => {
      const random = seeded(12);
      const runs = Array.from({ length: 15 }, () => randomRun(random));
      const expected: { logits: Float32Array; drelus: number; multiplications: number; neurons: number }[] = [];
      for (const [i, run] of runs.entries()) {
        const read = await parse(run);
        const images = imagesFor(random, read.masks.network, 4);
        writeFileSync(join(folder, `${i}.relu-studio.zip`), await exportRun(run, 'zip'));
        writeFileSync(join(folder, `${i}.raw`), images.images);
        expected.push({ logits: await onnxLogits(onnxModel(read), images, 4), ...read.masks.counts.total });
      }
      const loader = fileURLToPath(new URL('../../../python', import.meta.url));
      const script = `import json, sys; sys.path.insert(0, ${JSON.stringify(loader)})
import numpy as np, torch, relu_studio
for i in range(${runs.length}):
    model = relu_studio.load(f"${folder}/{i}.relu-studio.zip")
    pixels = np.fromfile(f"${folder}/{i}.raw", np.uint8).reshape(4, *model.masks["network"]["inputShape"])
    with torch.no_grad():
        logits = model(relu_studio.normalise(model, pixels)).reshape(-1).tolist()
    gates = relu_studio.gates(model)
    print(json.dumps({"logits": logits, **{key: sum(gate[key] for gate in gates) for key in ("drelus", "multiplications", "neurons")}}))`;
      const output = execFileSync(pythonWithTorch()!, ['-c', script], { encoding: 'utf8' }).trim().split('\n');
      output.forEach((line, i) => {
        const found = JSON.parse(line) as {
          logits: number[];
          drelus: number;
          multiplications: number;
          neurons: number;
        };
        expect(agreement(found.logits, expected[i].logits, 2).error).toBeLessThan(1e-4);
        const { drelus, multiplications, neurons } = expected[i];
        expect(found).toMatchObject({ drelus, multiplications, neurons });
      });
    },
  );
});

describe('tables', () => {
  test('CSV lines and both tables add up to the counts', async () => {
    const run = randomRun(seeded(4));
    const { counts } = (await parse(run)).masks;
    const [head, ...lines] = text(await exportRun(run, 'csv'))
      .trim()
      .split('\n');
    expect(head).toBe('site,stage,channels,height,width,gate,neurons,drelus,multiplications');
    const sum = (column: number) => lines.reduce((total, line) => total + Number(line.split(',')[column]), 0);
    expect([sum(6), sum(7), sum(8)]).toEqual([counts.total.neurons, counts.total.drelus, counts.total.multiplications]);
    const markdown = text(await exportRun(run, 'markdown'));
    expect(markdown).toContain(`| **${counts.total.drelus.toLocaleString('en')}** |`);
    expect(markdown.split('\n').filter((line) => line.startsWith('|'))).toHaveLength(lines.length + 3);
    const latex = text(await exportRun(run, 'latex'));
    expect(latex).toMatch(/\\toprule[\s\S]*\\midrule[\s\S]*Total[\s\S]*\\bottomrule/);
    expect(latex).not.toMatch(/[^\\][%_#&]\d/);
    expect(latex.match(/ \\\\$/gm)).toHaveLength(lines.length + 2);
  });
});

describe('masks for NumPy', () => {
  test('sums are the DReLU counts', async () => {
    const random = seeded(21);
    for (let i = 0; i < 20; i++) {
      const run = randomRun(random);
      const { network, gates, trained } = (await parse(run)).masks;
      const archive = await ZipArchive.open(await exportRun(run, 'npz'), 'masks.npz');
      for (const { id, drelus, neurons } of countsOf(network, gates, trained).sites) {
        const bytes = await archive.read(`${id}.npy`, 1 << 20);
        expect(bytes.subarray(bytes.length - neurons).reduce((sum, bit) => sum + bit, 0)).toBe(drelus);
      }
    }
  });

  test.skipIf(!pythonWithTorch())('numpy loads them', async () => {
    const run = randomRun(seeded(33));
    const { counts } = (await parse(run)).masks;
    const path = join(folder, 'masks.npz');
    writeFileSync(path, await exportRun(run, 'npz'));
    const script = `import json, numpy as np
z = np.load(${JSON.stringify(path)})
print(json.dumps([[k, z[k].dtype.name, list(z[k].shape), int(z[k].sum())] for k in z.files]))`;
    const found = JSON.parse(execFileSync(pythonWithTorch()!, ['-c', script], { encoding: 'utf8' })) as unknown;
    expect(found).toEqual(counts.sites.map(({ id, shape, drelus }) => [id, 'bool', shape, drelus]));
  });
});

describe('a run as one file', () => {
  test('read again it is the same run, and the same run gives the same bytes', async () => {
    const run = randomRun(seeded(5));
    const bytes = await exportRun(run, 'zip');
    const back = await readRunArchive(bytes, 'a.zip');
    expect(back).toEqual({ ...run, weights: new Uint8Array(run.weights) });
    expect(await exportRun(back, 'zip')).toEqual(bytes);
  });

  test.skipIf(!pythonWithTorch())('PyTorch loads it with the loader inside', async () => {
    const run = randomRun(seeded(6));
    const { counts } = (await parse(run)).masks;
    const path = join(folder, 'run.relu-studio.zip');
    writeFileSync(path, await exportRun(run, 'zip'));
    const script = `import sys; sys.path.insert(0, ${JSON.stringify(path)})
import relu_studio
model = relu_studio.load(${JSON.stringify(path)})
print(sum(gate["drelus"] for gate in relu_studio.gates(model)))`;
    const found = execFileSync(pythonWithTorch()!, ['-c', script], { encoding: 'utf8' });
    expect(Number(found)).toBe(counts.total.drelus);
  });

  test.each([
    ['cut short', (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2), /cut short or damaged/],
    ['changed', (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 8 : byte)), /damaged/],
  ])('%s: refused with one sentence', async (_, change, sentence) => {
    const bytes = await exportRun(randomRun(seeded(5)), 'zip');
    await expect(readRunArchive(change(bytes), 'a.zip')).rejects.toThrow(sentence);
  });
});

test('every format of the list can be written', async () => {
  const run = randomRun(seeded(8));
  for (const { name } of EXPORT_FORMATS) expect((await exportRun(run, name)).length).toBeGreaterThan(50);
});
