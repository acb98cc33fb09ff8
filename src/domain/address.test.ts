import { describe, expect, it } from 'vitest';
import { ExperimentError, decodeExperiment, encodeExperiment, experimentFrom } from './address.ts';
import { ABSENT, fromCompact, toCompact } from './compactNotation.ts';
import type { Compact } from './compactNotation.ts';
import { methodsInOrder } from './composition.ts';
import { experimentSchema } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { presetOf, PRESETS, SNL_PAPER } from './presets.ts';
import { seeded } from './testing.ts';

describe('compact notation', () => {
  const values: Compact[] = [
    null,
    true,
    false,
    0,
    -1.5,
    1e-5,
    3e-4,
    1e21,
    'word',
    'layer1.0.gate1',
    '',
    "it's! 100 % (née) & #1?",
    '12',
    '-',
    'true',
    '日本',
    [],
    {},
    [1, [2, 'x'], { a: null }],
    { 'a b': 1, c: { d: [true] } },
    { gone: ABSENT },
  ];
  it.each(values.map((value) => [toCompact(value), value] as const))('%s comes back', (text, value) => {
    expect(fromCompact(text)).toEqual(value);
    expect(text).toMatch(/^[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*$/);
  });

  it('random values come back', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const draw = (depth: number): Compact => {
        const kind = random.below(depth > 3 ? 4 : 6);
        if (kind === 0) return random.pick([null, true, false]);
        if (kind === 1) return (random.next() - 0.5) * 10 ** random.below(20);
        if (kind === 2) return random.below(1000) / 1000;
        if (kind === 3)
          return String.fromCharCode(...Array.from({ length: random.below(6) }, () => 32 + random.below(95)));
        if (kind === 4) return Array.from({ length: random.below(4) }, () => draw(depth + 1));
        return Object.fromEntries(Array.from({ length: random.below(4) }, (_, i) => [`k ${i}'!`, draw(depth + 1)]));
      };
      const value = draw(0);
      expect(fromCompact(toCompact(value)), `seed ${seed}`).toEqual(value);
    }
  });

  it.each(['', '(', '(a)', '(a:1', "'x", '!q', '!(1,', '1.2.3', 'a)', "'%zz'", '(__proto__:1)', '('.repeat(50)])(
    '%j is refused',
    (text) => {
      expect(() => fromCompact(text)).toThrow(SyntaxError);
    },
  );
});

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
    expect(decodeExperiment(text)).toEqual({ ...experiment, methods: methodsInOrder(experiment) });
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
    ['snl-quick(methods:(magic:(a:1)))~00000000', /^The address: methods\[1\]\.name must be one of/],
    ['snl-quick(methods:(snl:!x,reuse:3))~00000000', /^The address: methods\[0\] must be an object/],
    ['snl-quick(methods:3)~00000000', /^The address: methods must be a list/],
  ])('refuses %s', (text, message) => {
    expect(() => decodeExperiment(text)).toThrow(ExperimentError);
    expect(() => decodeExperiment(text)).toThrow(message);
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
      /^a\.json: network\.widths: blocks and widths must have one entry a stage each\.$/,
    );
  });
});
