/** Presets: each is a whole, valid experiment, and the examples are those presets. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { gateMapOf } from './composition.ts';
import { countsOf } from './counting.ts';
import { describePhase, networkName } from './describe.ts';
import { describeMethods } from './describeMethods.ts';
import { experimentSchema } from './experiment.ts';
import { presetOf, PRESETS } from './presets.ts';
import { SNL_PAPER } from './methods/snl.ts';

const examples = new URL('../../examples/', import.meta.url);

describe('presets', () => {
  it.each(PRESETS.map((preset) => [preset.id, preset] as const))('%s is a whole, valid experiment', (_, preset) => {
    const experiment = preset.make();
    expect(experimentSchema.parse(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment);
    expect(preset.make()).not.toBe(experiment);
    const dense = countsOf(experiment.network).total;
    const { total } = countsOf(experiment.network, gateMapOf(experiment));
    expect(total.drelus).toBeGreaterThan(0);
    expect(total.drelus).toBeLessThanOrEqual(dense.drelus);
    expect(describeMethods(experiment)).not.toBe('');
  });

  it('have distinct ids, and an unknown id is refused', () => {
    expect(new Set(PRESETS.map((preset) => preset.id)).size).toBe(PRESETS.length);
    expect(() => presetOf('nothing')).toThrow(/no preset "nothing"/);
  });

  it('SNL’s paper settings are those of its code', () => {
    const experiment = presetOf('snl-paper-cifar100');
    expect(networkName(experiment.network)).toBe('ResNet-18 m=64');
    expect(countsOf(experiment.network).total.drelus).toBe(491_520);
    expect(describePhase(experiment.dense)).toBe('160 epochs · batch 256 · SGD 0.1 · ×0.1 at 80, 120');
    expect(describePhase(SNL_PAPER.finetune)).toBe('100 epochs · batch 128 · SGD 0.001 · cosine');
    expect(SNL_PAPER).toMatchObject({
      lambda: 1e-5,
      kappa: 1.1,
      epsilon: 0.01,
      maskLearningRate: 1e-3,
      checkEverySteps: null,
    });
  });

  it.each(['snl-paper-cifar100', 'snl-paper-cifar10', 'snl-paper-wrn-cifar100'])(
    '%s is the paper’s protocol, and the studio’s stands beside it',
    (id) => {
      const paper = presetOf(id);
      expect(paper).toMatchObject({ selection: 'paper', dataset: { validationShare: 0, trainImages: null } });
      const studio = presetOf(id.replace('paper-', ''));
      expect(studio).toMatchObject({ selection: 'validation', dataset: { validationShare: 0.1 } });
      expect({ ...studio, name: '', selection: '', dataset: 0 }).toEqual({
        ...paper,
        name: '',
        selection: '',
        dataset: 0,
      });
      const hint = (of: string) => PRESETS.find((preset) => preset.id === of)!.hint;
      expect(hint(id)).toContain('a selection on test data');
      expect(hint(id.replace('paper-', ''))).toContain('held out');
    },
  );

  it('WRN-22-8 has the papers’ 1,359,872 ReLUs', () => {
    const { network } = presetOf('snl-wrn-cifar100');
    expect(networkName(network)).toBe('WRN-22-8');
    expect(countsOf(network).total.drelus).toBe(1_359_872);
  });

  it('DeepShare distils from a dense network that is trained before it', () => {
    for (const id of ['deepshare-quick', 'deepshare-over-snl-quick', 'deepshare-cifar100']) {
      const experiment = presetOf(id);
      expect(experiment.dense.epochs).toBeGreaterThan(0);
      expect(experiment.methods.find(({ name }) => name === 'deepshare')?.distillation).toEqual({
        temperature: 4,
        weight: 1,
      });
    }
  });

  it.each(readdirSync(examples).filter((name) => PRESETS.some((preset) => name === `${preset.id}.json`)))(
    'examples/%s is the preset of that name',
    (name) => {
      const written: unknown = JSON.parse(readFileSync(new URL(name, examples), 'utf8'));
      expect(experimentSchema.parse(written)).toEqual(presetOf(name.replace('.json', '')));
    },
  );

  it('quick networks stay small enough for a software adapter', () => {
    for (const preset of PRESETS.filter(({ group }) => group === 'quick'))
      expect(countsOf(preset.make().network).total.macs, `${preset.id}`).toBeLessThan(20e6);
  });
});
