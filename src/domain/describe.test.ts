/** Numbers and names as people read them. */
import { describe, expect, it } from 'vitest';
import * as words from './describe.ts';
import { describeMethods } from './describeMethods.ts';
import type { NetworkSpec } from './network.ts';
import { presetOf } from './presets.ts';

const net = (blocks: number[], widths: number[], family: NetworkSpec['family'] = 'cifar-resnet'): NetworkSpec => ({
  family,
  blocks,
  widths,
  stemGate: false,
  inputShape: [3, 32, 32],
  classes: 10,
});

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [7, '7'],
    [812, '812'],
    [999, '999'],
    [1000, '1K'],
    [49_400, '49.4K'],
    [50_000, '50K'],
    [491_520, '491.5K'],
    [999_949, '999.9K'],
    [999_960, '1M'],
    [1_359_872, '1.36M'],
    [11_173_962, '11.17M'],
  ])('compact(%d) = %s', (value, text) => expect(words.compact(value)).toBe(text));

  it.each([
    [555.5e6, '0.56 GMAC'],
    [2221.8e6, '2.22 GMAC'],
    [139.3e6, '0.14 GMAC'],
    [99.6e6, '0.1 GMAC'],
    [35.1e6, '35.1 MMAC'],
    [8.8e6, '8.8 MMAC'],
    [300, '300 MAC'],
  ])('macs(%d) = %s', (value, text) => expect(words.macs(value)).toBe(text));

  it.each([
    [9.51e9, '9.5 GB'],
    [321.5e6, '321.5 MB'],
    [1e6, '1 MB'],
    [999_999, '1 MB'],
    [512, '512 B'],
    [0, '0 B'],
    [38.04e9, '38 GB'],
  ])('bytes(%d) = %s', (value, text) => expect(words.bytes(value)).toBe(text));

  it.each([
    [206.1, '206 s'],
    [18.94, '18.9 s'],
    [2211.5, '2,212 s'],
    [0.43, '430 ms'],
    [0.9996, '1 s'],
    [0.0052, '5.2 ms'],
    [0, '0 s'],
    [99.96, '100 s'],
  ])('seconds(%d) = %s', (value, text) => expect(words.seconds(value)).toBe(text));

  it.each([
    [40, '40 s'],
    [59.6, '1 min'],
    [185, '3 min'],
    [3600, '1 h'],
    [4800, '1 h 20 min'],
    [86_400, '1 d'],
    [97_200, '1 d 3 h'],
  ])('duration(%d) = %s', (value, text) => expect(words.duration(value)).toBe(text));

  it('percent, changes and rates', () => {
    expect(words.percent(0.7375)).toBe('73.75%');
    expect(words.percent(0.712, 1)).toBe('71.2%');
    expect([0.012, -0.004, 0.0001].map((v) => words.signedPercent(v))).toEqual(['+1.2%', '−0.4%', '±0%']);
    expect([0.1, 0.03, 1e-3, 5e-4, 1e-5, 0].map(words.learningRate)).toEqual([
      '0.1',
      '0.03',
      '0.001',
      '5e-4',
      '1e-5',
      '0',
    ]);
    expect(words.exactly(491_520)).toBe('491,520');
  });
});

describe('words for people', () => {
  it.each([
    [net([2, 2, 2, 2], [64, 128, 256, 512]), 'ResNet-18 m=64'],
    [net([3, 4, 6, 3], [64, 128, 256, 512]), 'ResNet-34 m=64'],
    [net([2, 2, 2, 2], [16, 80, 400, 1200]), 'HRN 5-5-3 m=16'],
    [net([3, 4, 6, 3], [16, 80, 400, 1200]), 'HRN 5-5-3 m=16 3-4-6-3 blocks'],
    [net([2, 2, 2, 2], [16, 64, 256, 1024]), 'StageCh 4 m=16'],
    [net([2, 2, 2, 2], [5, 15, 30, 45]), 'ResNet-18 5/15/30/45'],
    [net([3, 3, 3], [128, 256, 512], 'wide-resnet'), 'WRN-22-8'],
    [net([1, 1, 1], [8, 16, 32], 'wide-resnet'), 'WRN-10 8/16/32'],
    [net([1], [4]), 'ResNet-4 m=4'],
  ])('networks (%#)', (spec, name) => expect(words.networkName(spec)).toBe(name));

  it('methods, data sets, sites', () => {
    expect(describeMethods(presetOf('snl-paper-cifar10'))).toBe('SNL · budget 50K · pixel');
    expect(describeMethods(presetOf('snl-quick'))).toBe('SNL · budget 25% of the DReLUs · pixel');
    expect(describeMethods(presetOf('deepreduce-quick'))).toBe('DeepReDuce · cull stem, S1 · thin S2');
    expect(describeMethods(presetOf('deepshare-quick'))).toBe('DeepShare · 1/4 prototypes');
    expect(describeMethods(presetOf('reuse-quick'))).toBe('ReLU-reuse · 4 groups');
    expect(describeMethods(presetOf('dense-quick'))).toBe('Dense, plain ReLUs');
    expect(words.describeDataset(presetOf('snl-quick').dataset)).toBe('Synthetic · 4,000 images');
    expect(words.describeDataset(presetOf('snl-paper-cifar10').dataset)).toBe('CIFAR-10');
    expect(words.siteName('layer2.0.gate1')).toBe('Stage 2, block 1, gate 1');
    expect(words.siteName('stem')).toBe('Stem');
    expect([0, 3].map(words.stageName)).toEqual(['Stem', 'Stage 3']);
  });
});
