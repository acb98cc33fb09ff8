/**
 * Helpers of the domain's own tests: a seeded generator and random networks and gate maps, the odd cases included.
 */
import type { KnownGates } from './counting.ts';
import { maskEntriesOf } from './counting.ts';
import { gateOf } from './gateMap.ts';
import type { Gate, GateMap, ShareGate } from './gateMap.ts';
import type { MasksContent } from './masksFile.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec, Site } from './network.ts';
import { mulberry32 } from './random.ts';

export interface Random {
  /** [0, 1). */
  next(): number;
  /** Whole number in [0, below). */
  below(below: number): number;
  pick<T>(values: readonly T[]): T;
}

/** A seeded source of test cases. */
export function seeded(seed: number): Random {
  const next = mulberry32(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: (values) => values[below(values.length)] };
}

export function randomNetwork(random: Random): NetworkSpec {
  const stages = 1 + random.below(3);
  return {
    family: random.pick(['cifar-resnet', 'wide-resnet'] as const),
    blocks: Array.from({ length: stages }, () => 1 + random.below(2)),
    widths: Array.from({ length: stages }, () => 1 + random.below(5)),
    stemGate: random.next() < 0.5,
    finalGate: random.next() < 0.5,
    inputShape: [3, 1 + random.below(5), 1 + random.below(5)],
    classes: 2,
  };
}

function randomShare(random: Random, site: Site, owner: Site | null): ShareGate {
  const [channels] = site.shape;
  const affine = random.pick(['trained', 'fixed'] as const);
  if (owner) {
    const source = Array.from({ length: channels }, () => random.below(owner.shape[0]));
    return { kind: 'share', from: owner.id, prototypes: [], source, masked: false, affine };
  }
  const prototypes = Array.from({ length: channels }, (_, c) => c).filter(() => random.next() < 0.5);
  if (prototypes.length === 0) prototypes.push(random.below(channels));
  const source = Array.from({ length: channels }, (_, c) => (prototypes.includes(c) ? c : random.pick(prototypes)));
  return { kind: 'share', from: null, prototypes, source, masked: random.next() < 0.5, affine };
}

/** Any gate map that a network can have: every kind, chains, borrowing from sites of any kind. */
export function randomGates(random: Random, spec: NetworkSpec): GateMap {
  const sites = sitesOf(spec);
  const gates: GateMap = {};
  sites.forEach((site, i) => {
    const owners = sites.slice(0, i).filter((s) => s.shape[1] === site.shape[1] && s.shape[2] === site.shape[2]);
    const kind = random.pick(['relu', 'identity', 'mask', 'share', 'borrow', 'unnamed'] as const);
    if (kind === 'relu' || kind === 'identity') gates[site.id] = { kind };
    if (kind === 'mask') gates[site.id] = { kind, granularity: random.pick(['pixel', 'channel'] as const) };
    if (kind === 'share') gates[site.id] = randomShare(random, site, null);
    if (kind === 'borrow' && owners.length > 0) gates[site.id] = randomShare(random, site, random.pick(owners));
  });
  return gates;
}

/** Random bits for every mask and scales (some of them 0) for every share site with a trained affine. */
export function randomKnown(random: Random, spec: NetworkSpec, gates: GateMap): KnownGates {
  const known: KnownGates = {};
  for (const site of sitesOf(spec)) {
    const gate: Gate = gateOf(gates, site.id);
    const entries = maskEntriesOf(site, gate);
    known[site.id] = {};
    if (entries > 0) known[site.id].kept = Uint8Array.from({ length: entries }, () => random.below(2));
    if (gate.kind === 'share' && gate.affine === 'trained')
      known[site.id].scale = Float32Array.from({ length: site.shape[0] }, () => random.pick([0, 1, -1, 0.5]));
  }
  return known;
}

/** Q·diag(values)·Qᵀ with Q a product of random Householder reflections. */
export function withEigenvalues(values: number[], seed: number): Float64Array {
  const n = values.length;
  const random = seeded(seed);
  let matrix = Float64Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) === i % n ? values[i % n] : 0));
  for (let pass = 0; pass < 3; pass++) {
    const v = Array.from({ length: n }, () => random.next() - 0.5);
    const square = v.reduce((sum, x) => sum + x * x, 0);
    const h = (i: number, j: number) => (i === j ? 1 : 0) - (2 * v[i] * v[j]) / square;
    const times = (a: Float64Array, f: (i: number, j: number) => number, left: boolean) =>
      Float64Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        let sum = 0;
        for (let k = 0; k < n; k++) sum += left ? f(i, k) * a[k * n + j] : a[i * n + k] * f(k, j);
        return sum;
      });
    matrix = times(times(matrix, h, true), h, false);
  }
  return matrix;
}

/** What a masks file says of itself and what it reached, where a test is about its gates. */
export const about: MasksContent['about'] = {
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
export const accuracy: MasksContent['accuracy'] = { test: 0.5, validation: null, denseTest: 0.75 };
