/** masks.json: what is written reads back bit for bit. */
import { describe, expect, it } from 'vitest';
import type { GateMap, SiteIdMap } from './gateMap.ts';
import { encodeMasks, masksText, parseMasks } from './masksFile.ts';
import type { MasksContent, TrainedGate } from './masksFile.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec } from './network.ts';
import { about, accuracy, randomGates, randomKnown, randomNetwork, seeded } from './testing.ts';

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
});
