/** Layers, sites and parameters of the networks against PyTorch's fixtures and the papers. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkNetwork, INPUT, layersOf, parametersOf, sitesOf } from './network.ts';
import type { NetworkSpec, TensorShape } from './network.ts';
import { randomNetwork, seeded } from './testing.ts';

interface Fixture {
  widths: number[];
  blocks: number[];
  classes: number;
  inputSize: number;
  stemGate: boolean;
}

/** Names and shapes in a fixture that PyTorch wrote. */
function fixture(name: string): { spec: NetworkSpec; tensors: Record<string, { shape: number[] }> } {
  const folder = new URL(`../../test/fixtures/${name}/`, import.meta.url);
  const about = JSON.parse(readFileSync(new URL('fixture.json', folder), 'utf8')) as Fixture;
  const raw = readFileSync(new URL('tensors.safetensors', folder));
  const length = Number(raw.readBigUInt64LE(0));
  const tensors = JSON.parse(raw.subarray(8, 8 + length).toString()) as Record<string, { shape: number[] }>;
  const { widths, blocks, classes, stemGate, inputSize } = about;
  return {
    spec: { family: 'cifar-resnet', widths, blocks, classes, stemGate, inputShape: [3, inputSize, inputSize] },
    tensors,
  };
}

describe('the network', () => {
  it.each(['relu', 'relu-odd-widths'])('has PyTorch’s parameters, by name and shape (fixture %s)', (name) => {
    const { spec, tensors } = fixture(name);
    const written = Object.entries(tensors)
      .filter(([key]) => key.startsWith('before/') && !/gate|alpha|num_batches/.test(key))
      .map(([key, { shape }]) => [key.slice('before/'.length), shape]);
    expect(written.length).toBeGreaterThan(100);
    expect(Object.fromEntries(parametersOf(spec).map((p) => [p.name, p.shape]))).toEqual(Object.fromEntries(written));
  });

  it('wires layers so that every tensor is made before it is used, once, in the shape it is used in', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const spec = randomNetwork(seeded(seed));
      const [channels, height, width] = spec.inputShape;
      const made = new Map<string, TensorShape>([[INPUT, { channels, height, width }]]);
      const make = (id: string, shape: TensorShape) => {
        expect(made.has(id), `seed ${seed}: ${id}`).toBe(false);
        made.set(id, shape);
      };
      const layers = layersOf(spec);
      /** Pairs that must be equal: what a tensor is, and what its user takes it for. */
      const uses: [TensorShape | undefined, TensorShape][] = [];
      for (const layer of layers) {
        if (layer.kind === 'head') uses.push([made.get(layer.input), layer.in]);
        if (layer.kind === 'conv') {
          uses.push([made.get(layer.input), layer.in]);
          if (layer.skip !== null) uses.push([made.get(layer.skip), layer.out]);
          // PyTorch's formula for a convolution's output
          const side = (n: number) => Math.floor((n + 2 * ((layer.kernel - 1) / 2) - layer.kernel) / layer.stride) + 1;
          uses.push([
            { channels: layer.out.channels, height: side(layer.in.height), width: side(layer.in.width) },
            layer.out,
          ]);
          make(layer.output, layer.out);
        }
        if (layer.kind === 'site') {
          uses.push([made.get(layer.input), layer.shape]);
          if (layer.residual) uses.push([made.get(layer.residual.tensor), layer.shape]);
          make(layer.output, layer.shape);
        }
      }
      for (const [actual, used] of uses) expect(actual, `seed ${seed}`).toEqual(used);
      expect(layers.at(-1)!.kind).toBe('head');
      const names = parametersOf(spec).map((p) => p.name);
      expect(new Set(names).size, `seed ${seed}`).toBe(names.length);
    }
  });

  it('names its gate sites in forward order, with a stem or a final one as asked', () => {
    const base: NetworkSpec = {
      family: 'cifar-resnet',
      blocks: [1, 1],
      widths: [4, 6],
      stemGate: true,
      inputShape: [3, 5, 7],
      classes: 2,
    };
    expect(sitesOf(base)).toEqual([
      { id: 'stem', stage: 0, shape: [4, 5, 7] },
      { id: 'layer1.0.gate1', stage: 1, shape: [4, 5, 7] },
      { id: 'layer1.0.gate2', stage: 1, shape: [4, 5, 7] },
      { id: 'layer2.0.gate1', stage: 2, shape: [6, 3, 4] },
      { id: 'layer2.0.gate2', stage: 2, shape: [6, 3, 4] },
    ]);
    const wide: NetworkSpec = { ...base, family: 'wide-resnet' };
    expect(sitesOf(wide).map((site) => `${site.id} ${site.shape.join('×')}`)).toEqual([
      'layer1.0.gate1 16×5×7',
      'layer1.0.gate2 4×5×7',
      'layer2.0.gate1 4×5×7',
      'layer2.0.gate2 6×3×4',
      'final 6×3×4',
    ]);
    expect(sitesOf({ ...wide, finalGate: false })).toHaveLength(4);
    expect(sitesOf({ ...base, stemGate: false })).toHaveLength(4);
  });

  it('of WideResNet-22-8 has as many parameters as the paper’s table of its family', () => {
    // Zagoruyko & Komodakis 2016, table 4: WRN-22-8, 17.2M parameters; WRN-16-8, 11.0M; WRN-28-10, 36.5M (CIFAR-10).
    const count = (n: number, k: number) =>
      parametersOf({
        family: 'wide-resnet',
        blocks: [n, n, n],
        widths: [16 * k, 32 * k, 64 * k],
        stemGate: false,
        inputShape: [3, 32, 32],
        classes: 10,
      })
        .filter((p) => !p.role.startsWith('running'))
        .reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
    expect([count(3, 8), count(2, 8), count(4, 10)].map((n) => (n / 1e6).toFixed(1))).toEqual(['17.2', '11.0', '36.5']);
  });

  it.each<[Partial<NetworkSpec>, RegExp]>([
    [{ blocks: [] }, /at least one stage/],
    [{ widths: [4] }, /2 stages by blocks, but 1 by widths/],
    [{ widths: [4, 0] }, /Width of stage 2 .* not 0/],
    [{ blocks: [1, 1.5] }, /Blocks of stage 2 .* not 1\.5/],
    [{ inputShape: [3, 0, 32] }, /Input height/],
    [{ classes: 0 }, /Classes/],
  ])('is refused by the field that is wrong: %j', (wrong, message) => {
    const base: NetworkSpec = {
      family: 'cifar-resnet',
      blocks: [1, 1],
      widths: [4, 6],
      stemGate: true,
      inputShape: [3, 5, 7],
      classes: 2,
    };
    expect(() => checkNetwork({ ...base, ...wrong })).toThrow(RangeError);
    expect(() => layersOf({ ...base, ...wrong })).toThrow(message);
  });
});
