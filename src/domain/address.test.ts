/** Experiments in addresses: short, complete, and refused by name where damaged or from another version. */
import { describe, expect, it } from 'vitest';
import { ExperimentError, decodeExperiment, encodeExperiment, experimentFrom } from './address.ts';
import { experimentSchema } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { inOrder } from './methods/registry.ts';
import { SNL_PAPER } from './methods/snl.ts';
import { presetOf, PRESETS } from './presets.ts';

describe('an experiment’s address', () => {
  it.each(PRESETS.map((preset) => [preset.id]))('of the preset %s is its name and a check sum', (id) => {
    expect(encodeExperiment(presetOf(id))).toMatch(new RegExp(`^${id}~[0-9a-f]{8}$`));
    expect(decodeExperiment(encodeExperiment(presetOf(id)))).toEqual(presetOf(id));
  });

  const changed = (id: string, change: (draft: Experiment) => void): Experiment => {
    const draft = structuredClone(presetOf(id));
    change(draft);
    return experimentSchema.parse(draft);
  };

  it('holds only what differs', () => {
    const text = encodeExperiment(
      changed('snl-quick', (e) => {
        e.seed = 7;
        e.network.widths = [16, 80, 400, 1200];
        const [snl] = e.methods;
        if (snl.name === 'snl') snl.budget = { kind: 'count', drelus: 5000 };
      }),
    );
    expect(text.replace(/~.*/, '')).toBe(
      'snl-quick(seed:7,network:(widths:!(16,80,400,1200)),methods:(snl:(budget:(share:!x,kind:count,drelus:5000))))',
    );
  });

  it.each([
    changed('dense-quick', (e) => void (e.name = 'Ünïcode “name” (100 %)')),
    changed('dense-quick', (e) => e.methods.push(SNL_PAPER)),
    changed('snl-quick', (e) => void (e.methods = [])),
    changed('wrn-quick', (e) => void delete e.network.finalGate),
    changed('deepshare-quick', (e) => {
      const [method] = e.methods;
      if (method.name !== 'deepshare') return;
      method.crossLayer = 'custom';
      method.borrow = { 'layer1.0.gate2': 'layer1.0.gate1' };
      method.overrides = { 'layer1.0.gate1': 3 };
      method.transition = { kind: 'mix' };
      method.soft.optimizer = { kind: 'adam', learningRate: 1e-3, weightDecay: 0 };
    }),
    changed('deepshare-over-snl-quick', (e) => void e.methods.reverse()),
    changed('snl-paper-cifar100', (e) => {
      e.dataset = { ...e.dataset, name: 'tiny-imagenet', trainImages: 10 };
      e.network = { ...e.network, inputShape: [3, 64, 64], classes: 200, blocks: [3, 4, 6, 3] };
    }),
  ])('brings the same experiment back (%#)', (experiment) => {
    const text = encodeExperiment(experiment);
    expect(decodeExperiment(text)).toEqual({ ...experiment, methods: inOrder(experiment.methods) });
    expect(decodeURIComponent(new URL(`http://localhost/#e=${text}`).hash.slice(3))).toBe(decodeURIComponent(text));
    expect(decodeExperiment(new URL(`http://localhost/#e=${text}`).hash.slice(3))).toEqual(decodeExperiment(text));
  });

  it.each([
    ['', /cut off or damaged/],
    [encodeExperiment(presetOf('snl-quick')).slice(0, -1), /cut off or damaged/],
    ['nothing~00000000', /preset "nothing"/],
    ['snl-quick(seed:7~00000000', /cut off or damaged/],
    ['snl-quick((seed:7)~00000000', /damaged: .* expected at character/],
    ['snl-quick(seed:7)~00000000', /changed, or made by another version/],
    ['snl-quick(seed:x)~00000000', /^The address: seed must be a number\.$/],
    ['snl-quick(network:(widths:!(1,0,2,3)))~00000000', /^The address: network\.widths\[1\] must be at least 1\.$/],
    ['snl-quick(methods:(snl:(kappa:0.5)))~00000000', /^The address: methods\[0\]\.kappa must be at least 1\.$/],
    [
      'snl-quick(methods:(magic:(a:1)))~00000000',
      /^The address: methods\[1\]\.name "magic" is not a known method: must be one of "deepreduce", /,
    ],
    ['snl-quick(methods:(snl:!x,reuse:3))~00000000', /^The address: methods\[0\] must be an object/],
    ['snl-quick(methods:3)~00000000', /^The address: methods must be a list/],
  ])('refuses %s', (text, message) => {
    expect(() => decodeExperiment(text)).toThrow(ExperimentError);
    expect(() => decodeExperiment(text)).toThrow(message);
  });

  it.each([
    'dense-quick(seed:9)~f568972e',
    'snl-quick(seed:9)~172c1e83',
    'deepshare-quick(seed:9)~b0443ba8',
    'deepshare-over-snl-quick(seed:9)~95c88b60',
    'hybrenet-quick(seed:9)~d84854a0',
    'deepreduce-quick(seed:9)~8f39c116',
    'reuse-quick(seed:9)~31bbe185',
    'wrn-quick(seed:9)~69f523c4',
    'snl-paper-cifar100(seed:9)~8003684a',
    'snl-paper-cifar10(seed:9)~dc66da2d',
    'deepshare-cifar100(seed:9)~4be67cb6',
  ])('reads %s, made with version 0.1.0’s first presets', (text) => {
    const experiment = decodeExperiment(text);
    expect(experiment.seed).toBe(9);
    expect(experiment.selection).toBe('validation');
    expect(decodeExperiment(encodeExperiment(experiment))).toEqual(experiment);
  });

  it.each([
    ['dense-quick~3fc334f6', presetOf('dense-quick'), []],
    ['reuse-quick(engine:(f16:!t))~e2f371fc', changed('reuse-quick', (e) => void (e.engine.f16 = true)), []],
    [
      'dense-quick(seed:7,engine:(kind:stock))~49906600',
      changed('dense-quick', (e) => void (e.seed = 7)),
      [expect.stringMatching(/^The address: engine\.kind "stock" is no longer a setting/)],
    ],
  ])('reads %s, made while the engine was a setting', (text, experiment, notes) => {
    const told: string[] = [];
    expect(decodeExperiment(text, (sentence) => told.push(sentence))).toEqual(experiment);
    expect(told).toEqual(notes);
  });

  it('files are checked with the field’s path, and what contradicts itself is named', () => {
    const clash = {
      ...presetOf('deepshare-quick'),
      methods: [...presetOf('deepshare-quick').methods, ...presetOf('reuse-quick').methods],
    };
    expect(() => experimentFrom(clash, 'a.json')).toThrow(
      /^a\.json: methods: reuse and deepshare both decide .*: choose one\.$/,
    );
    const few = { ...presetOf('dense-quick'), dataset: { name: 'cifar-100' } };
    expect(() => experimentFrom(few, 'a.json')).toThrow(
      /^a\.json: network\.classes: cifar-100 has 100 classes, but the network 10\.$/,
    );
    expect(() => experimentFrom(3, 'a.json')).toThrow(/^a\.json: the experiment must be an object\.$/);
    const stages = structuredClone(presetOf('dense-quick'));
    stages.network.widths.pop();
    expect(() => experimentFrom(stages, 'a.json')).toThrow(
      /^a\.json: network\.widths: blocks and widths must have one entry per stage each\.$/,
    );
  });
});
