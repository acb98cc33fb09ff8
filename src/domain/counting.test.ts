/** Counts of DReLUs, multiplications, MACs and parameters against the papers' tables, PyTorch's fixtures and brute force. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countsOf, drelusFromMaskCounts } from './counting.ts';
import type { KnownGates } from './counting.ts';
import { gateOf } from './gateMap.ts';
import type { GateMap } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';
import { randomGates, randomKnown, randomNetwork, seeded } from './testing.ts';

/**
 * Independent of the closed form: walks every neuron, writes down the identity of the DReLU that decides its gate (or null where
 * the gate is constant), and collects the identities in a set.
 */
function enumerate(spec: NetworkSpec, gates: GateMap, known: KnownGates) {
  const shapes = new Map(sitesOf(spec).map((site) => [site.id, site.shape]));
  const drelus = new Map<string, Set<string>>([...shapes.keys()].map((id) => [id, new Set()]));
  const multiplications = new Map<string, number>();
  for (const [id, [channels, height, width]] of shapes) {
    const gate = gateOf(gates, id);
    let count = 0;
    for (let c = 0; c < channels; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let owner: string | null = null;
          let channel = c;
          const kept = known[id]?.kept;
          if (gate.kind === 'relu') owner = id;
          if (gate.kind === 'mask') {
            const bit = kept ? kept[gate.granularity === 'channel' ? c : (c * height + y) * width + x] : 1;
            owner = bit ? id : null;
          }
          if (gate.kind === 'share') {
            const replicate = !gate.prototypes.includes(c);
            const scale = replicate && gate.affine === 'trained' ? (known[id]?.scale?.[c] ?? 1) : 1;
            if (scale !== 0) {
              owner = gate.from ?? id;
              channel = gate.source[c];
              const lender = gateOf(gates, owner);
              const p = lender.kind === 'share' && lender.masked ? lender.prototypes.indexOf(channel) : -1;
              const bits = known[owner]?.kept;
              if (p >= 0 && bits && !bits[(p * height + y) * width + x]) owner = null;
            }
          }
          if (owner !== null) {
            drelus.get(owner)!.add(`${channel},${y},${x}`);
            count++;
          }
        }
    multiplications.set(id, count);
  }
  return [...shapes.keys()].map((id) => ({
    id,
    drelus: drelus.get(id)!.size,
    multiplications: multiplications.get(id)!,
  }));
}

const resnet18 = (m: number, size: number, stemGate: boolean, more: Partial<NetworkSpec> = {}): NetworkSpec => ({
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [m, 2 * m, 4 * m, 8 * m],
  stemGate,
  inputShape: [3, size, size],
  classes: 100,
  ...more,
});

const fixtures = new URL('../../test/fixtures/', import.meta.url);

interface FixtureAbout {
  widths: number[];
  blocks: number[];
  classes: number;
  inputSize: number;
  stemGate: boolean;
  gates: Record<
    string,
    | { kind: 'relu' | 'identity' | 'mask' }
    | { kind: 'share'; from: string | null; prototypes: number[]; source: number[]; masked?: boolean }
  >;
  drelus: Record<string, number>;
}

/** The float32 tensors of a fixture. */
function floats(folder: URL): Record<string, Float32Array> {
  const raw = readFileSync(new URL('tensors.safetensors', folder));
  const length = Number(raw.readBigUInt64LE(0));
  const header = JSON.parse(raw.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(header)
      .filter(([, { dtype }]) => dtype === 'F32')
      .map(
        ([
          key,
          {
            data_offsets: [from, to],
          },
        ]) => {
          const bytes = Uint8Array.from(raw.subarray(8 + length + from, 8 + length + to));
          return [key, new Float32Array(bytes.buffer)];
        },
      ),
  );
}

describe('counts', () => {
  it('agree with an enumeration of every neuron on 400 random networks and gate maps', () => {
    let shared = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed);
      const spec = randomNetwork(random);
      const gates = randomGates(random, spec);
      const known = random.next() < 0.8 ? randomKnown(random, spec, gates) : {};
      const counts = countsOf(spec, gates, known);
      const closed = counts.sites.map(({ id, drelus, multiplications }) => ({ id, drelus, multiplications }));
      expect(closed, `seed ${seed}`).toEqual(enumerate(spec, gates, known));
      expect(counts.total.drelus).toBe(closed.reduce((sum, site) => sum + site.drelus, 0));
      if (counts.total.multiplications > counts.total.drelus) shared++;
    }
    expect(shared).toBeGreaterThan(100);
  });

  // design: algorithms §1; MMACs are rounded to one decimal there. The 64×64 row comes out with Tiny-ImageNet's 200 classes
  // (2,221.77), not with 100 (2,221.72).
  const K = (...values: number[]) => values;
  it.each([
    ['ResNet-18 m=64, 32', resnet18(64, 32, true), K(262144, 131072, 65536, 32768), 491520, 557056, 555.5],
    [
      'ResNet-18 m=64, 64',
      resnet18(64, 64, true, { classes: 200 }),
      K(1048576, 524288, 262144, 131072),
      1966080,
      2228224,
      2221.8,
    ],
    ['m=32', resnet18(32, 32, true), K(131072, 65536, 32768, 16384), 245760, 278528, 139.3],
    ['m=16', resnet18(16, 32, true), K(65536, 32768, 16384, 8192), 122880, 139264, 35.1],
    [
      'HRN 5-5-3',
      resnet18(16, 32, true, { widths: [16, 80, 400, 1200] }),
      K(65536, 81920, 102400, 76800),
      326656,
      343040,
      1053.4,
    ],
    [
      'HRN 5-7-2',
      resnet18(16, 32, true, { widths: [16, 80, 560, 1120] }),
      K(65536, 81920, 143360, 71680),
      362496,
      378880,
      1270.3,
    ],
    [
      'HRN 6-6-2',
      resnet18(16, 32, true, { widths: [16, 96, 576, 1152] }),
      K(65536, 98304, 147456, 73728),
      385024,
      401408,
      1365.8,
    ],
    [
      'HRN 7-5-2',
      resnet18(16, 32, true, { widths: [16, 112, 560, 1120] }),
      K(65536, 114688, 143360, 71680),
      395264,
      411648,
      1325.6,
    ],
    [
      'HRN 2-5-3',
      resnet18(32, 32, true, { widths: [32, 64, 320, 960] }),
      K(131072, 65536, 81920, 61440),
      339968,
      372736,
      709.6,
    ],
    [
      'StageCh 4',
      resnet18(16, 32, true, { widths: [16, 64, 256, 1024] }),
      K(65536, 65536, 65536, 65536),
      262144,
      278528,
      659.6,
    ],
    [
      'ResNet-34',
      resnet18(64, 32, true, { blocks: [3, 4, 6, 3] }),
      K(393216, 262144, 196608, 49152),
      901120,
      966656,
      null,
    ],
  ])('are those of the table for %s', (_, spec, stages, without, withStem, mmacs) => {
    const counts = countsOf(spec);
    expect(counts.stages.slice(1).map((stage) => stage.drelus)).toEqual(stages);
    expect(counts.total.drelus).toBe(withStem);
    expect(countsOf({ ...spec, stemGate: false }).total.drelus).toBe(without);
    expect(counts.total.multiplications).toBe(withStem);
    expect(mmacs === null ? null : (counts.total.macs / 1e6).toFixed(1)).toBe(mmacs?.toFixed(1) ?? null);
  });

  const withGates = readdirSync(fixtures).filter((name) => existsSync(new URL(`${name}/fixture.json`, fixtures)));
  it.each(withGates)('are those that the PyTorch reference wrote into the fixture %s', (name) => {
    const folder = new URL(`${name}/`, fixtures);
    const about = JSON.parse(readFileSync(new URL('fixture.json', folder), 'utf8')) as FixtureAbout;
    const { widths, blocks, classes, stemGate, inputSize } = about;
    const shape: [number, number, number] = [3, inputSize, inputSize];
    const spec: NetworkSpec = { family: 'cifar-resnet', widths, blocks, classes, stemGate, inputShape: shape };
    const gates: GateMap = {};
    for (const [id, gate] of Object.entries(about.gates)) {
      if (gate.kind === 'share') gates[id] = { ...gate, masked: gate.masked ?? false, affine: 'trained' };
      else gates[id] = gate.kind === 'mask' ? { kind: 'mask', granularity: 'pixel' } : { kind: gate.kind };
    }
    const known: KnownGates = {};
    for (const [key, alpha] of Object.entries(floats(folder)))
      if (key.startsWith('after/') && key.endsWith('.alpha'))
        known[key.slice('after/'.length, -'.alpha'.length)] = { kept: alpha.map((value) => (value > 1e-2 ? 1 : 0)) };
    const counted = Object.fromEntries(countsOf(spec, gates, known).sites.map((site) => [site.id, site.drelus]));
    expect(counted).toEqual(about.drelus);
  });

  it('give ResNet-18 its parameters, and MACs to the last one', () => {
    expect(countsOf(resnet18(64, 32, false, { classes: 10 })).total.parameters).toBe(11_173_962);
    expect(countsOf(resnet18(64, 32, false)).total.parameters).toBe(11_220_132);
    expect(countsOf(resnet18(64, 32, false)).total.macs).toBe(555_468_800);
  });

  it('give WRN-22-8 its ReLUs with and without the final gate', () => {
    const wide: NetworkSpec = {
      family: 'wide-resnet',
      blocks: [3, 3, 3],
      widths: [128, 256, 512],
      stemGate: false,
      finalGate: false,
      inputShape: [3, 32, 32],
      classes: 100,
    };
    expect(countsOf(wide).total.drelus).toBe(1_359_872);
    const counts = countsOf({ ...wide, finalGate: true });
    expect(counts.total.drelus).toBe(1_392_640);
    expect(counts.stages[0].drelus).toBe(0);
    expect(counts.stages[3].drelus).toBe(229_376 + 32_768);
  });

  it('count a DReLU once however many sites consult it, at its owner', () => {
    const spec = resnet18(2, 4, true);
    const gates: GateMap = {
      'layer1.0.gate1': { kind: 'identity' },
      'layer1.0.gate2': {
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [1, 1],
        masked: false,
        affine: 'fixed',
      },
      'layer1.1.gate1': {
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [1, 1],
        masked: false,
        affine: 'fixed',
      },
    };
    const sites = new Map(countsOf(spec, gates).sites.map((site) => [site.id, site]));
    expect(sites.get('layer1.0.gate1')).toMatchObject({ kind: 'identity', drelus: 16, multiplications: 0 });
    expect(sites.get('layer1.0.gate2')).toMatchObject({ drelus: 0, multiplications: 32 });
    expect(sites.get('layer1.1.gate1')).toMatchObject({ drelus: 0, multiplications: 32 });
  });

  it('refuse mask bits of a wrong length by the site', () => {
    const gates: GateMap = { stem: { kind: 'mask', granularity: 'pixel' } };
    expect(() => countsOf(resnet18(2, 4, true), gates, { stem: { kept: [1, 1, 1] } })).toThrow(
      /^stem: 3 mask bits.* 32/,
    );
  });

  it('follow from mask counts alone what the bits would give', () => {
    let compared = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const spec = randomNetwork(random);
      const gates = randomGates(random, spec);
      const lenders = Object.values(gates).flatMap((gate) => (gate.kind === 'share' && gate.from ? [gate.from] : []));
      if (lenders.some((id) => gateOf(gates, id).kind === 'mask')) continue;
      const known = randomKnown(random, spec, gates);
      const counts: Record<string, number> = {};
      for (const [id, { kept }] of Object.entries(known)) {
        delete known[id].scale;
        if (kept) counts[id] = Array.from(kept).reduce((a, b) => a + b, 0);
      }
      compared++;
      expect(drelusFromMaskCounts(spec, gates, counts), `seed ${seed}`).toBe(countsOf(spec, gates, known).total.drelus);
    }
    expect(compared).toBeGreaterThan(100);
  });
});
