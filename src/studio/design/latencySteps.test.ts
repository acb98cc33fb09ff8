/** Latency after each method, counts around one method, names of layers and constants. */
import { describe, expect, it } from 'vitest';
import type { Experiment } from '../../domain/experiment.ts';
import { DEFAULT_SETTINGS } from '../../domain/latency.ts';
import { LATENCY } from '../../domain/latencyConstants.ts';
import { presetOf } from '../../domain/presets.ts';
import { constantText } from './constantText.ts';
import { latencySteps, layerTitle } from './latencySteps.ts';
import { methodCounts } from './methodCounts.ts';

const snlOf = (budget: number): Experiment => {
  const experiment = structuredClone(presetOf('snl-quick'));
  const [snl] = experiment.methods;
  if (snl.name === 'snl') snl.budget = { kind: 'share', share: budget };
  return experiment;
};

describe('the latency after each method', () => {
  it('starts from the dense network and follows the order in which methods apply', () => {
    const experiment = presetOf('deepshare-over-snl-quick');
    const steps = latencySteps({ ...experiment, methods: [...experiment.methods].reverse() }, DEFAULT_SETTINGS);
    expect(steps.map((step) => step.title)).toEqual(['Dense network', 'DeepShare', 'SNL']);
    for (let i = 1; i < steps.length; i++) {
      expect(steps[i].drelus).toBeLessThan(steps[i - 1].drelus);
      expect(steps[i].latency.online.seconds).toBeLessThan(steps[i - 1].latency.online.seconds);
    }
  });

  it('counts SNL at its budget, with one circuit per DReLU', () => {
    const [dense, snl] = latencySteps(snlOf(0.25), DEFAULT_SETTINGS);
    expect(snl.drelus / dense.drelus).toBeCloseTo(0.25, 3);
    expect(snl.latency.online.relu.seconds / dense.latency.online.relu.seconds).toBeCloseTo(0.25, 3);
    // MACs stay: SNL saves nothing of what they cost.
    expect(snl.latency.offline.linear).toEqual(dense.latency.offline.linear);
  });

  it('charges sharing for its multiplications', () => {
    const [, shared] = latencySteps(presetOf('deepshare-quick'), DEFAULT_SETTINGS);
    expect(shared.multiplications).toBe(4 * shared.drelus);
    expect(shared.latency.online.multiplication.seconds).toBeGreaterThan(0);
  });
});

describe('counts around one method', () => {
  it('leave later methods out', () => {
    const experiment = presetOf('deepshare-over-snl-quick');
    const { counts } = methodCounts(experiment, 'deepshare');
    expect(counts!.after.total.drelus).toBe(counts!.before.total.drelus / 4);
  });

  it('give the reason where there are none', () => {
    const experiment = structuredClone(presetOf('deepreduce-quick'));
    const [method] = experiment.methods;
    if (method.name === 'deepreduce') method.cull = [7];
    expect(methodCounts(experiment, 'deepreduce').problem).toMatch(/no stage 7/);
    expect(methodCounts(presetOf('snl-quick'), 'reuse').problem).toMatch(/does not use/);
  });
});

describe('names', () => {
  it('of layers are short', () => {
    expect(['conv1', 'layer2.0.conv1', 'layer2.0.downsample.0', 'layer4.1.gate2', 'fc'].map(layerTitle)).toEqual([
      'stem conv',
      '2.0 conv1',
      '2.0 shortcut',
      '4.1 gate 2',
      'fc',
    ]);
  });

  it('of constants have units', () => {
    expect(constantText(LATENCY.garbleServer)).toBe('103.7 µs');
    expect(constantText(LATENCY.circuitBytes)).toBe('17,072 B');
    expect(constantText(LATENCY.keyBytes)).toBe('33.2 MB');
    expect(constantText(LATENCY.multiplicationShare)).toBe('1/192');
    expect(constantText(LATENCY.heHalving)).toBe('×1.085');
  });
});
