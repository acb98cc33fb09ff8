/** The latency model against the measured totals of the papers. */
import { describe, expect, it } from 'vitest';
import { gateMapOf } from './composition.ts';
import { countsOf } from './counting.ts';
import { DEFAULT_SETTINGS, latencyOf, latencySettingsSchema } from './latency.ts';
import type { LatencySettings } from './latency.ts';
import { LATENCY } from './latencyConstants.ts';
import type { NetworkSpec } from './network.ts';
import { presetOf } from './presets.ts';
import { randomGates, randomNetwork, seeded } from './testing.ts';

const resnet18 = (size: number): NetworkSpec => ({
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [64, 128, 256, 512],
  stemGate: true,
  inputShape: [3, size, size],
  classes: 100,
});
const latency = (spec: NetworkSpec, settings: Partial<LatencySettings> = {}) =>
  latencyOf(spec, countsOf(spec), { ...DEFAULT_SETTINGS, ...settings });

/** How far off, as a share of what was measured. */
const off = (value: number, golden: number) => Math.abs(value / golden - 1);

describe('latency of ResNet-18 beside the Cryptonite measurements', () => {
  it('comes within 3 % of the golden totals, 100 Mb/s up and 500 down', () => {
    expect(off(latency(resnet18(32)).offline.seconds, 580.9)).toBeLessThan(0.03);
    expect(off(latency(resnet18(32)).online.seconds, 206.1)).toBeLessThan(0.03);
    expect(off(latency(resnet18(32), { heThreads: 17 }).offline.seconds, 325.0)).toBeLessThan(0.03);
    expect(off(latency(resnet18(64)).offline.seconds, 2211.5)).toBeLessThan(0.03);
    expect(off(latency(resnet18(64)).online.seconds, 822.5)).toBeLessThan(0.03);
  });

  it.each([
    [32, { up: 321.5e6, down: 47.2e6, encrypt: 2.76, decrypt: 0.17, he: 292.4, he17: 36.5 }],
    [64, { up: 1274.8e6, down: 187.2e6, encrypt: 11.3, decrypt: 0.58, he: 1066.2, he17: 141.0 }],
  ])('has each HE figure at %d×%d near what was measured', (size, golden) => {
    const { linear } = latency(resnet18(size)).offline;
    expect(off(linear.bytesUp, golden.up)).toBeLessThan(0.03);
    expect(off(linear.bytesDown, golden.down)).toBeLessThan(0.03);
    expect(off(linear.compute, golden.encrypt + golden.decrypt + golden.he)).toBeLessThan(0.03);
    const threaded = latency(resnet18(size), { heThreads: 17 }).offline.linear.compute;
    expect(off(threaded, golden.encrypt + golden.decrypt + golden.he17)).toBeLessThan(0.06);
  });

  it('adds up: parts to phases, layers to parts, the bytes of 557,056 circuits', () => {
    const { offline, online, layers, clientStorage, seconds } = latency(resnet18(32));
    for (const [phase, key] of [
      [offline, 'offline'],
      [online, 'online'],
    ] as const) {
      const parts = [phase.fixed, phase.linear, phase.relu, phase.multiplication];
      expect(phase.seconds).toBeCloseTo(
        parts.reduce((sum, part) => sum + part.seconds, 0),
        6,
      );
      expect(phase.bytesDown).toBeCloseTo(
        parts.reduce((sum, part) => sum + part.bytesDown, 0),
        0,
      );
      const relu = layers.filter((layer) => layer.kind === 'relu').reduce((sum, layer) => sum + layer[key].seconds, 0);
      expect(relu).toBeCloseTo(phase.relu.seconds, 6);
    }
    expect(seconds).toBeCloseTo(offline.seconds + online.seconds, 9);
    expect(offline.relu.bytesDown).toBe(557_056 * (17_072 + 1_344));
    expect(offline.relu.bytesUp).toBe(557_056 * 672);
    expect(online.relu.bytesDown).toBe(557_056 * 1_184);
    expect(online.relu.bytesUp).toBe(557_056 * 9);
    expect(clientStorage).toBe(557_056 * 18_248);
    expect(layers.filter((layer) => layer.kind === 'linear')).toHaveLength(1 + 16 + 3 + 1);
    expect(layers.filter((layer) => layer.kind === 'multiplication')).toHaveLength(0);
  });
});

describe('latency', () => {
  it('prices shared gates: one circuit a DReLU, a 192nd of its online bytes for each other neuron', () => {
    const { network } = presetOf('deepshare-quick');
    const counts = countsOf(network, gateMapOf(presetOf('deepshare-quick')));
    const { online, offline } = latencyOf(network, counts);
    const extra = counts.total.multiplications - counts.total.drelus;
    expect(extra).toBe(0.75 * counts.total.multiplications);
    expect(online.multiplication.bytesUp + online.multiplication.bytesDown).toBeCloseTo((extra * (1_184 + 9)) / 192, 3);
    expect(offline.multiplication.seconds).toBe(0);
    expect(online.multiplication.seconds).toBeLessThan(online.relu.seconds / 10);
  });

  it('with the client garbling, circuits go up, the server evaluates, and the client stores little', () => {
    const server = latency(resnet18(32));
    const client = latency(resnet18(32), { garbler: 'client' });
    expect(client.offline.relu.bytesUp).toBe(557_056 * (17_072 + 1_184));
    expect(client.online.relu.compute).toBeLessThan(server.online.relu.compute / 5);
    expect(client.clientStorage).toBeLessThan(server.clientStorage / 5);
    expect(client.offline.linear).toEqual(server.offline.linear);
  });

  it('never grows with bandwidth or threads', () => {
    const values = {
      uploadMbps: [1, 10, 100, 1000],
      downloadMbps: [1, 50, 500],
      heThreads: [1, 2, 5, 16, 17],
      serverThreads: [1, 2, 32, 64],
      clientThreads: [1, 2, 3, 4],
    };
    for (const garbler of ['server', 'client'] as const)
      for (const [key, steps] of Object.entries(values)) {
        const runs = steps.map((value) => latency(resnet18(32), { garbler, [key]: value }));
        for (let i = 1; i < runs.length; i++) {
          expect(runs[i].offline.seconds, `${key} ${steps[i]}`).toBeLessThanOrEqual(runs[i - 1].offline.seconds);
          expect(runs[i].online.seconds, `${key} ${steps[i]}`).toBeLessThanOrEqual(runs[i - 1].online.seconds);
          expect(runs[i].seconds, `${key} ${steps[i]}`).toBeLessThan(runs[i - 1].seconds);
        }
      }
  });

  it('grows with every width, block and side of any network, and with its MACs and DReLUs', () => {
    let compared = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const random = seeded(seed);
      const spec = randomNetwork(random);
      spec.widths = spec.widths.map((width) => width * 16);
      spec.inputShape = [3, 4 + random.below(30), 4 + random.below(30)];
      const wider = structuredClone(spec);
      const at = random.below(spec.widths.length);
      const what = random.pick(['width', 'block', 'side'] as const);
      if (what === 'width') wider.widths[at] += 1 + random.below(64);
      if (what === 'block') wider.blocks[at] += 1;
      if (what === 'side') wider.inputShape = [3, spec.inputShape[1] * 2, spec.inputShape[2] * 2];
      expect(latency(wider).offline.seconds, `seed ${seed}`).toBeGreaterThan(latency(spec).offline.seconds);
      expect(latency(wider).online.seconds, `seed ${seed}`).toBeGreaterThan(latency(spec).online.seconds);
      const gates = randomGates(random, spec);
      const fewer = countsOf(spec, gates);
      if (fewer.total.drelus === countsOf(spec).total.drelus) continue;
      compared++;
      expect(latencyOf(spec, fewer).offline.seconds).toBeLessThan(latency(spec).offline.seconds);
      expect(latencyOf(spec, fewer).online.seconds).toBeLessThan(latency(spec).online.seconds);
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('names a source for every constant and refuses settings out of range', () => {
    for (const constant of Object.values(LATENCY)) {
      expect(constant.value).toBeGreaterThan(0);
      expect(constant.what).not.toBe('');
      expect(constant.source === 'measured' || constant.note).toBeTruthy();
    }
    expect(latencySettingsSchema.safeParse({ ...DEFAULT_SETTINGS, heThreads: 18 }).success).toBe(false);
    expect(latencySettingsSchema.safeParse(DEFAULT_SETTINGS).success).toBe(true);
  });
});
