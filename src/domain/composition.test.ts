/** Gate maps of an experiment: what each method makes of a network, alone and on top of others. */
import { describe, expect, it } from 'vitest';
import { gateMapOf, gateStagesOf } from './composition.ts';
import { countsOf } from './counting.ts';
import type { Method, Phase } from './experiment.ts';
import type { DeepShareMethod } from './methods/deepshare.ts';
import type { NetworkSpec } from './network.ts';

const network: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [64, 128, 256, 512],
  stemGate: false,
  inputShape: [3, 32, 32],
  classes: 100,
};
const phase: Phase = {
  epochs: 1,
  batch: 8,
  optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 0 },
  schedule: { kind: 'constant' },
};
const deepshare = (ratio: number, more: Partial<DeepShareMethod> = {}): DeepShareMethod => ({
  name: 'deepshare',
  ratios: [ratio, ratio, ratio, ratio, ratio],
  overrides: {},
  crossLayer: 'off',
  borrow: {},
  affine: true,
  choice: 'first',
  transition: { kind: 'gelu', from: 1, to: 10 },
  soft: phase,
  hard: phase,
  distillation: null,
  ...more,
});
const reuse = (groups: number): Method => ({ name: 'reuse', groups, train: phase, distillation: null });
const reduce = (cull: number[], thin: number[], thinKeeps: 'first' | 'second' = 'first'): Method => ({
  name: 'deepreduce',
  cull,
  thin,
  thinKeeps,
  train: phase,
  distillation: null,
});
const snl: Method = {
  name: 'snl',
  budget: { kind: 'share', share: 0.5 },
  granularity: 'pixel',
  lambda: 1e-5,
  kappa: 1.1,
  epsilon: 0.01,
  lambdaHold: 5,
  learningRate: 1e-3,
  maskLearningRate: 1e-3,
  batch: 8,
  maxEpochs: 2,
  checkEverySteps: null,
  binarise: 'threshold',
  distillation: null,
  finetune: phase,
};

const drelus = (...methods: Method[]) => countsOf(network, gateMapOf({ network, methods })).total.drelus;

describe('gate maps of an experiment', () => {
  it.each([
    [1 / 8, 61_440],
    [1 / 16, 30_720],
    [1 / 32, 15_360],
  ])('a ratio of %d everywhere gives %d DReLUs, and one owner a stage a quarter of them', (ratio, count) => {
    expect(drelus(deepshare(ratio))).toBe(count);
    expect(drelus(deepshare(ratio, { crossLayer: 'stage' }))).toBe(count / 4);
    expect(drelus(deepshare(ratio, { crossLayer: 'block' }))).toBe(count / 2);
  });

  it('share multiplies at every neuron', () => {
    expect(countsOf(network, gateMapOf({ network, methods: [deepshare(1 / 8)] })).total.multiplications).toBe(491_520);
  });

  it('overrides count channels of one site; borrowers consult their owner’s prototypes', () => {
    const method = deepshare(1 / 8, { crossLayer: 'block', overrides: { 'layer1.0.gate1': 3 } });
    const gates = gateMapOf({ network, methods: [method] });
    expect(gates['layer1.0.gate1']).toMatchObject({ prototypes: [0, 1, 2], from: null, affine: 'trained' });
    expect(gates['layer1.0.gate2']).toMatchObject({ prototypes: [], from: 'layer1.0.gate1' });
    const borrower = gates['layer1.0.gate2'];
    expect(borrower.kind === 'share' && borrower.source.slice(0, 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it('in a wide-resnet a site of another size owns its gates though its stage shares one owner', () => {
    const wide: NetworkSpec = { ...network, family: 'wide-resnet', blocks: [2, 2], widths: [8, 16] };
    const method = deepshare(1 / 4, { ratios: [1, 0.25, 0.25], crossLayer: 'stage' });
    const gates = gateMapOf({ network: wide, methods: [method] });
    const owners = Object.entries(gates).filter(([, gate]) => gate.kind === 'share' && gate.from === null);
    expect(owners.map(([id]) => id)).toEqual(['layer1.0.gate1', 'layer2.0.gate1', 'layer2.0.gate2']);
    expect(gates.final).toMatchObject({ from: 'layer2.0.gate2' });
  });

  it('reuse keeps ⌈C/N⌉ channels with a fixed affine', () => {
    expect(drelus(reuse(4))).toBe(491_520 / 4);
    const gates = gateMapOf({ network: { ...network, widths: [5, 6, 7, 8] }, methods: [reuse(2)] });
    expect(gates['layer1.0.gate1']).toEqual({
      kind: 'share',
      from: null,
      prototypes: [0, 1, 2],
      source: [0, 1, 2, 0, 1],
      masked: false,
      affine: 'fixed',
    });
  });

  it('culling and thinning take whole gate layers', () => {
    expect(drelus(reduce([1], []))).toBe(491_520 - 262_144);
    expect(drelus(reduce([1, 4], [2]))).toBe(131_072 / 2 + 65_536);
    const first = gateMapOf({ network, methods: [reduce([], [2], 'first')] });
    expect(Object.keys(first)).toEqual(['layer2.0.gate2', 'layer2.1.gate2']);
    const second = gateMapOf({ network, methods: [reduce([], [2], 'second')] });
    expect(Object.keys(second)).toEqual(['layer2.0.gate1', 'layer2.1.gate1']);
  });

  it('methods compose in one order whatever order the file has', () => {
    const methods = [snl, deepshare(1 / 4, { crossLayer: 'stage' }), reduce([1], [2])];
    const gates = gateMapOf({ network, methods });
    expect(gates).toEqual(gateMapOf({ network, methods: [...methods].reverse() }));
    expect(gateStagesOf({ network, methods }).map((stage) => stage.method)).toEqual([
      null,
      'deepreduce',
      'deepshare',
      'snl',
    ]);
    expect(gates['layer1.0.gate1']).toEqual({ kind: 'identity' });
    expect(gates['layer2.0.gate1']).toMatchObject({ kind: 'share', from: null, masked: true });
    // gate 2 of the thinned stage is linear, so the next owner's borrower is gate 1 of the second block
    expect(gates['layer2.0.gate2']).toEqual({ kind: 'identity' });
    expect(gates['layer2.1.gate1']).toMatchObject({ from: 'layer2.0.gate1', masked: false, prototypes: [] });
    expect(drelus(...methods)).toBe((32_768 + 16_384 + 8_192) / 4);
  });

  it('SNL over sharing masks prototypes only, and unnamed sites become masks', () => {
    const gates = gateMapOf({ network, methods: [snl] });
    expect(Object.values(gates).every((gate) => gate.kind === 'mask')).toBe(true);
    expect(Object.keys(gates)).toHaveLength(16);
  });

  it.each([
    [deepshare(1 / 4, { overrides: { 'layer9.0.gate1': 2 } }), /^layer9.0.gate1: this network has no such gate site/],
    [deepshare(1 / 4, { overrides: { 'layer1.0.gate1': 65 } }), /^layer1.0.gate1: 65 prototypes.* 64 channels/],
    [deepshare(1 / 4, { ratios: [1, 1] }), /5 ratios/],
    [custom({ 'layer1.0.gate1': 'layer1.0.gate2' }), /^layer1.0.gate1: .*layer1.0.gate2, which does not come before/],
    [custom({ 'layer2.0.gate1': 'layer1.0.gate2' }), /^layer2.0.gate1: it is 16×16 .* layer1.0.gate2, which is 32×32/],
    [
      custom({ 'layer1.0.gate2': 'layer1.0.gate1', 'layer1.1.gate1': 'layer1.0.gate2' }),
      /^layer1.1.gate1: .*let it borrow from layer1.0.gate1/,
    ],
    [custom({ 'layer1.0.gate2': 'nowhere' }), /^nowhere: /],
  ])('a sharing that cannot be is refused by the site (%#)', (method, message) => {
    expect(() => gateMapOf({ network, methods: [method] })).toThrow(message);
  });

  it('refuses stages that are not there, or culled and thinned', () => {
    expect(() => gateMapOf({ network, methods: [reduce([5], [])] })).toThrow(/no stage 5/);
    expect(() => gateMapOf({ network, methods: [reduce([2], [2])] })).toThrow(/stage 2 is culled and thinned/);
  });
});

function custom(borrow: Record<string, string>): DeepShareMethod {
  return deepshare(1 / 4, { crossLayer: 'custom', borrow });
}
