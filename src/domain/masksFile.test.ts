import { describe, expect, it } from 'vitest';
import { countsOf } from './counting.ts';
import type { GateMap, SiteIdMap } from './gateMap.ts';
import { decodeMasks, encodeMasks, masksText, MasksFileError, parseMasks } from './masksFile.ts';
import type { MasksContent, MasksFile, TrainedGate } from './masksFile.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';
import { randomGates, randomKnown, randomNetwork, seeded } from './testing.ts';

const about: MasksContent['about'] = {
  generator: { name: 'relu-studio', version: '0.1.0' },
  createdAt: '2026-11-21T08:00:00Z',
  dataset: {
    name: 'synthetic',
    trainImages: 10,
    validationImages: 1,
    testImages: 2,
    mean: [0.5, 0.5, 0.5],
    std: [1, 1, 1],
  },
  method: { name: 'snl', budget: 10 },
  weights: { file: 'model.safetensors', sha256: '0'.repeat(64) },
};
const accuracy = { test: 0.5, validation: null, denseTest: 0.75 };

/** A random network with everything that a trained run could leave; only gate maps that the format allows. */
function randomContent(seed: number): MasksContent {
  const random = seeded(seed);
  const network = randomNetwork(random);
  if (network.family === 'cifar-resnet') delete network.finalGate;
  const gates = randomGates(random, network);
  const known = randomKnown(random, network, gates);
  const trained: SiteIdMap<TrainedGate> = {};
  for (const { id, shape } of sitesOf(network)) {
    gates[id] ??= { kind: 'relu' };
    const gate = gates[id];
    const size = shape[1] * shape[2];
    if (gate.kind === 'mask') {
      const bits = Uint8Array.from(known[id].kept!);
      const perChannel = gate.granularity === 'channel';
      trained[id] = {
        kept: perChannel ? Uint8Array.from({ length: shape[0] * size }, (_, i) => bits[Math.floor(i / size)]) : bits,
      };
      gates[id] = { kind: 'mask', granularity: 'pixel' };
    }
    if (gate.kind === 'share') {
      const own = new Set(gate.prototypes);
      const free = (value: number, neutral: number) =>
        Float32Array.from({ length: shape[0] }, (_, c) =>
          own.has(c) || gate.affine === 'fixed' ? neutral : value + c / 7,
        );
      trained[id] = { scale: free(-0.3, 1), shift: free(0.1, 0) };
      if (gate.masked) trained[id].kept = Uint8Array.from(known[id].kept!);
      if (own.size === shape[0]) gates[id] = { ...gate, affine: 'fixed' };
    }
  }
  return { about, accuracy, network, gates, trained };
}

describe('masks.json', () => {
  it('comes back as it was written, for 200 random networks and gates', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const content = randomContent(seed);
      const file = encodeMasks(content);
      const { counts, ...read } = parseMasks(masksText(file));
      const network = { ...content.network };
      if (network.family === 'wide-resnet') network.finalGate ??= true;
      expect(read, `seed ${seed}`).toEqual({ ...content, network });
      expect(counts.total.drelus).toBe(file.metrics.drelus);
      expect(encodeMasks(read)).toEqual(file);
    }
  });

  it('writes channel-wise masks for every neuron, fixed affines as ones and zeros, and float32 in few digits', () => {
    const network: NetworkSpec = {
      family: 'cifar-resnet',
      blocks: [1],
      widths: [2],
      stemGate: true,
      inputShape: [3, 2, 2],
      classes: 2,
    };
    const gates: GateMap = {
      stem: { kind: 'mask', granularity: 'channel' },
      'layer1.0.gate1': { kind: 'share', from: null, prototypes: [0], source: [0, 0], masked: false, affine: 'fixed' },
      'layer1.0.gate2': {
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [0, 0],
        masked: false,
        affine: 'trained',
      },
    };
    const trained = {
      stem: { kept: Uint8Array.of(0, 1) },
      'layer1.0.gate2': { scale: Float32Array.of(0.83, 1 / 3), shift: Float32Array.of(0, -0.25) },
    };
    const file = encodeMasks({ about, accuracy, network, gates, trained });
    expect(file.sites).toEqual([
      { id: 'stem', shape: [2, 2, 2], kind: 'mask', kept: 4, mask: { encoding: 'base64-packbits', data: 'Dw==' } },
      {
        id: 'layer1.0.gate1',
        shape: [2, 2, 2],
        kind: 'share',
        from: null,
        prototypes: [0],
        source: [0, 0],
        scale: [1, 1],
        shift: [0, 0],
      },
      {
        id: 'layer1.0.gate2',
        shape: [2, 2, 2],
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [0, 0],
        scale: [0.83, 0.33333334],
        shift: [0, -0.25],
      },
    ]);
    expect(file.metrics).toMatchObject({ drelus: 8, multiplications: 4 + 8 + 8 });
    expect(
      masksText(file)
        .split('\n')
        .filter((line) => line.includes('"id"')),
    ).toHaveLength(3);
  });

  const base = (): MasksFile => {
    const network: NetworkSpec = {
      family: 'cifar-resnet',
      blocks: [1, 1],
      widths: [3, 2],
      stemGate: true,
      inputShape: [3, 3, 3],
      classes: 2,
    };
    const gates: GateMap = {
      stem: { kind: 'mask', granularity: 'pixel' },
      'layer1.0.gate1': {
        kind: 'share',
        from: null,
        prototypes: [0, 2],
        source: [0, 2, 2],
        masked: true,
        affine: 'trained',
      },
      'layer1.0.gate2': {
        kind: 'share',
        from: 'layer1.0.gate1',
        prototypes: [],
        source: [0, 1, 2],
        masked: false,
        affine: 'trained',
      },
    };
    const affine = { scale: Float32Array.of(1, 0.5, 1), shift: Float32Array.of(0, 0.5, 0) };
    const trained = {
      stem: { kept: new Uint8Array(27).fill(1, 3, 9) },
      'layer1.0.gate1': affine,
      'layer1.0.gate2': affine,
    };
    return encodeMasks({ about, accuracy, network, gates, trained });
  };
  type Loose = Record<string, unknown>;
  const site = (file: MasksFile, i: number) => file.sites[i] as unknown as Loose;

  it('reads its own file', () => {
    expect(countsOf(base().network).total.drelus).toBeGreaterThan(base().metrics.drelus);
    expect(() => decodeMasks(structuredClone(base()))).not.toThrow();
  });

  it.each<[string, (file: MasksFile) => void, RegExp, string | null]>([
    [
      'an unknown kind',
      (f) => (site(f, 3).kind = 'polynomial'),
      /^layer2.0.gate1: kind "polynomial" is not known/,
      'layer2.0.gate1',
    ],
    [
      'a short mask',
      (f) => (site(f, 0).mask = { encoding: 'base64-packbits', data: 'AAA=' }),
      /^stem: .* 2 bytes, but 27 neurons need 4/,
      'stem',
    ],
    [
      'no base64',
      (f) => (site(f, 0).mask = { encoding: 'base64-packbits', data: '????' }),
      /^stem: its mask is not base64/,
      'stem',
    ],
    [
      'another encoding',
      (f) => (site(f, 0).mask = { encoding: 'hex', data: '00' }),
      /^stem: mask.encoding must be "base64-packbits"/,
      'stem',
    ],
    ['a wrong kept', (f) => (site(f, 0).kept = 7), /^stem: kept says 7, but 6 of/, 'stem'],
    ['a missing site', (f) => void f.sites.splice(1, 1), /^layer1.0.gate1: it is missing/, 'layer1.0.gate1'],
    [
      'an unknown site',
      (f) => (site(f, 1).id = 'layer7.0.gate1'),
      /^layer7.0.gate1: this network has no such/,
      'layer7.0.gate1',
    ],
    ['a site twice', (f) => void f.sites.push(f.sites[0]), /^stem: it stands in the file twice/, 'stem'],
    ['another order', (f) => void f.sites.reverse(), /^stem: sites must stand in forward order/, 'stem'],
    [
      'another shape',
      (f) => (site(f, 3).shape = [2, 3, 3]),
      /^layer2.0.gate1: its shape is 2×3×3, but .* 2×2×2/,
      'layer2.0.gate1',
    ],
    [
      'an owner that comes later',
      (f) => (site(f, 2).from = 'layer2.0.gate1'),
      /^layer1.0.gate2: .*does not come before/,
      'layer1.0.gate2',
    ],
    [
      'itself as owner',
      (f) => (site(f, 2).from = 'layer1.0.gate2'),
      /^layer1.0.gate2: .*does not come before/,
      'layer1.0.gate2',
    ],
    [
      'an unknown owner',
      (f) => (site(f, 2).from = 'x'),
      /^layer1.0.gate2: it borrows from x, which is no gate site/,
      'layer1.0.gate2',
    ],
    [
      'an owner of another size',
      (f) =>
        (f.sites[3] = {
          ...f.sites[2],
          id: 'layer2.0.gate1',
          shape: [2, 2, 2],
          source: [0, 0],
          scale: [1, 1],
          shift: [0, 0],
        } as MasksFile['sites'][0]),
      /^layer2.0.gate1: it is 2×2 and cannot borrow from layer1.0.gate1, which is 3×3/,
      'layer2.0.gate1',
    ],
    ['a short source', (f) => (site(f, 1).source = [0, 2]), /^layer1.0.gate1: source has 2 entries/, 'layer1.0.gate1'],
    ['a short scale', (f) => (site(f, 1).scale = [1]), /^layer1.0.gate1: scale has 1 entries/, 'layer1.0.gate1'],
    [
      'a source past the owner',
      (f) => (site(f, 2).source = [0, 1, 3]),
      /^layer1.0.gate2: channel 2 consults channel 3 of layer1.0.gate1/,
      'layer1.0.gate2',
    ],
    [
      'a source that is no prototype',
      (f) => (site(f, 1).source = [0, 1, 2]),
      /^layer1.0.gate1: channel 1 consults channel 1, which/,
      'layer1.0.gate1',
    ],
    [
      'a prototype with a scale',
      (f) => (site(f, 1).scale = [2, 0.5, 1]),
      /^layer1.0.gate1: prototype 0 must/,
      'layer1.0.gate1',
    ],
    [
      'a prototype twice',
      (f) => (site(f, 1).prototypes = [0, 0]),
      /^layer1.0.gate1: a prototype is listed twice/,
      'layer1.0.gate1',
    ],
    [
      'a prototype too far',
      (f) => (site(f, 1).prototypes = [0, 3]),
      /^layer1.0.gate1: prototype 3 is past/,
      'layer1.0.gate1',
    ],
    [
      'a borrower with prototypes',
      (f) => (site(f, 2).prototypes = [0]),
      /^layer1.0.gate2: it borrows/,
      'layer1.0.gate2',
    ],
    [
      'a foreign field',
      (f) => (site(f, 3).power = 2),
      /^layer2.0.gate1: its entry has a field that is not known: power/,
      'layer2.0.gate1',
    ],
    [
      'a total that does not add up',
      (f) => f.metrics.drelus--,
      /^metrics.drelus says \d+, but the sites add up to \d+/,
      null,
    ],
    ['wrong MACs', (f) => f.metrics.macs++, /^metrics.macs says/, null],
    ['a newer version', (f) => ((f as unknown as Loose).version = 2), /Version 2 .* reads version 1/, null],
    ['another format', (f) => ((f as unknown as Loose).format = 'x'), /no masks file/, null],
    ['no network', (f) => delete (f as unknown as Loose).network, /^network is missing/, null],
    ['a network that is none', (f) => (f.network.widths = [1]), /^network: .*2 stages/, null],
    ['a bad hash', (f) => (f.weights.sha256 = 'abc'), /^weights.sha256 must be 64/, null],
  ])('refuses %s', (_, spoil, message, siteId) => {
    const file = structuredClone(base());
    spoil(file);
    let error: unknown;
    try {
      decodeMasks(file);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MasksFileError);
    expect((error as MasksFileError).message).toMatch(message);
    expect((error as MasksFileError).site).toBe(siteId);
  });

  it('refuses what is no JSON object with a sentence', () => {
    for (const text of ['', '{', '[]', 'null', '3']) expect(() => parseMasks(text)).toThrow(MasksFileError);
  });
});
