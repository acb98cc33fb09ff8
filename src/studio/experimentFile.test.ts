/** Experiments in files and addresses: round trips and refusals. */
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../domain/presets.ts';
import { experimentFromHash, experimentHash, experimentText, fileStem, parseExperiment } from './experimentFile.ts';

describe('experiments in files and addresses', () => {
  it('survive a round trip through the address, every preset', () => {
    for (const { make } of PRESETS) {
      const experiment = make();
      const hash = experimentHash(experiment);
      expect(hash).toMatch(/^#experiment=[\w-]+~[0-9a-f]{8}$/);
      expect(experimentFromHash(hash)).toEqual(experiment);
    }
  });

  it('survive a round trip through a file', () => {
    const experiment = PRESETS[0].make();
    expect(parseExperiment(experimentText(experiment), 'experiment.json')).toEqual(experiment);
  });

  it('are refused with the name of the wrong field', () => {
    const experiment = { ...PRESETS[0].make(), seed: -1 };
    expect(() => parseExperiment(JSON.stringify(experiment), 'mine.json')).toThrow(/^mine\.json: seed /);
    expect(() => parseExperiment('{"format": ', 'mine.json')).toThrow('mine.json is not JSON');
  });

  it('are refused where the link was cut', () => {
    const hash = experimentHash(PRESETS[0].make());
    expect(() => experimentFromHash(hash.slice(0, -4))).toThrow('damaged');
    expect(() => experimentFromHash('#experiment=%%%')).toThrow('damaged');
    expect(experimentFromHash('#other')).toBeNull();
  });
});

describe('fileStem', () => {
  it('makes a file name from any name', () => {
    expect(fileStem('SNL paper, CIFAR-100')).toBe('snl-paper-cifar-100');
    expect(fileStem('→ →')).toBe('experiment');
  });
});
