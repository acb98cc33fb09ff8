/** Changing the network: methods are fitted to it, presets have the published counts, solutions are sorted. */
import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../../domain/composition.ts';
import { presetOf } from '../../domain/presets.ts';
import { fitMethods } from './setNetwork.ts';
import { sortRows } from './sortRows.ts';
import { NETWORK_PRESETS, presetOf as networkPresetOf } from './networkPresets.ts';
import { countsOf } from '../../domain/counting.ts';

describe('methods after a change of the network', () => {
  it('ask for no stage, site or channel that is gone', () => {
    const draft = structuredClone(presetOf('deepshare-quick'));
    const [share] = draft.methods;
    if (share.name !== 'deepshare') throw new Error('The preset has changed.');
    share.overrides = { 'layer1.0.gate1': 8, 'layer4.1.gate2': 3 };
    share.crossLayer = 'custom';
    share.borrow = { 'layer4.1.gate1': 'layer4.0.gate2', 'layer1.0.gate2': 'layer1.0.gate1' };
    draft.network.blocks = [2, 2];
    draft.network.widths = [4, 8];
    fitMethods(draft);
    expect(share.ratios).toHaveLength(3);
    expect(share.overrides).toEqual({ 'layer1.0.gate1': 4 });
    expect(share.borrow).toEqual({ 'layer1.0.gate2': 'layer1.0.gate1' });
    expect(() => gateMapOf(draft)).not.toThrow();
  });

  it('share a new stage as the last one, and cull no stage that is gone', () => {
    const draft = structuredClone(presetOf('deepshare-quick'));
    const [share] = draft.methods;
    if (share.name !== 'deepshare') throw new Error('The preset has changed.');
    share.ratios = [1, 0.5, 0.5, 0.25, 0.125];
    draft.methods.push({ ...structuredClone(presetOf('deepreduce-quick').methods[0]) });
    const coarse = draft.methods[1];
    if (coarse.name !== 'deepreduce') throw new Error('The preset has changed.');
    coarse.cull = [0, 1];
    coarse.thin = [4, 5];
    draft.network.blocks = [1, 1, 1, 1, 1];
    draft.network.widths = [4, 8, 16, 32, 64];
    fitMethods(draft);
    expect(share.ratios).toEqual([1, 0.5, 0.5, 0.25, 0.125, 0.125]);
    expect(coarse.thin).toEqual([4, 5]);
    draft.network.blocks = [1, 1, 1];
    draft.network.widths = [4, 8, 16];
    fitMethods(draft);
    expect(coarse).toMatchObject({ cull: [0, 1], thin: [] });
    expect(() => gateMapOf(draft)).not.toThrow();
  });
});

describe('network presets', () => {
  it.each([
    ['ResNet-18, m = 64', 491_520],
    ['StageCh 4, m = 16', 262_144],
    ['HRN 5-5-3, m = 16', 326_656],
    ['HRN 5-7-2, m = 16', 362_496],
    ['HRN 6-6-2, m = 16', 385_024],
    ['HRN 7-5-2, m = 16', 395_264],
    ['HRN 2-5-3, m = 32', 339_968],
    ['ResNet-34, m = 64', 901_120],
    ['WideResNet-22-8', 1_392_640],
  ])('%s has %d ReLUs at 32×32, no stem gate', (title, relus) => {
    const preset = NETWORK_PRESETS.find((p) => p.title === title)!;
    const spec = {
      ...presetOf('snl-quick').network,
      family: preset.family,
      blocks: preset.blocks,
      widths: preset.widths,
    };
    expect(countsOf(spec).total.drelus).toBe(relus);
    expect(networkPresetOf(spec)).toBe(preset);
  });
});

describe('sorting solutions', () => {
  const row = (multipliers: number[], drelus: number) => ({
    multipliers,
    widths: [1, ...multipliers],
    stages: [],
    drelus,
    macs: drelus * 2,
    parameters: 1,
    offlineSeconds: 1,
    onlineSeconds: 1,
  });
  const rows = [row([5, 5, 3], 20), row([7, 5, 2], 10), row([5, 10, 2], 20)];

  it('goes by number, lists entry by entry, ties by multipliers', () => {
    const names = (sorted: typeof rows) => sorted.map((r) => r.multipliers.join('-'));
    expect(names(sortRows(rows, 'drelus', false))).toEqual(['7-5-2', '5-5-3', '5-10-2']);
    expect(names(sortRows(rows, 'drelus', true))).toEqual(['5-5-3', '5-10-2', '7-5-2']);
    expect(names(sortRows(rows, 'multipliers', false))).toEqual(['5-5-3', '5-10-2', '7-5-2']);
    expect(names(sortRows(rows, null, false))).toEqual(['5-5-3', '7-5-2', '5-10-2']);
  });
});
