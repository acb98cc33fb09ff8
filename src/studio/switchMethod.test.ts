/** Switching methods on and off: defaults that fit, methods that exclude each other, and the order in which methods apply. */
import { describe, expect, it } from 'vitest';
import { experimentSchema } from '../domain/experiment.ts';
import { exclude, METHOD_ORDER } from '../domain/methods/registry.ts';
import { presetOf } from '../domain/presets.ts';
import { switchOff, switchOn } from './switchMethod.ts';

const names = ({ methods }: { methods: { name: string }[] }) => methods.map(({ name }) => name);

describe('switching a method on', () => {
  it('takes the place of the one that decides the same thing', () => {
    const draft = structuredClone(presetOf('deepshare-over-snl-quick'));
    switchOn(draft, 'random');
    expect(names(draft)).toEqual(['deepshare', 'random']);
    switchOn(draft, 'reuse');
    expect(names(draft)).toEqual(['reuse', 'random']);
    switchOn(draft, 'deepreduce');
    expect(names(draft)).toEqual(['deepreduce', 'reuse', 'random']);
    switchOff(draft, 'reuse');
    expect(names(draft)).toEqual(['deepreduce', 'random']);
  });

  it('always leaves an experiment that can be saved', () => {
    for (const first of METHOD_ORDER)
      for (const second of METHOD_ORDER) {
        const draft = structuredClone(presetOf('dense-quick'));
        switchOn(draft, first);
        switchOn(draft, second);
        expect(experimentSchema.parse(draft)).toEqual(draft);
        expect(names(draft)).toHaveLength(exclude(first, second) ? 1 : 2);
        expect(names(draft)).toContain(second);
      }
  });

  it('is quick on the built-in data and the paper’s elsewhere', () => {
    const quick = structuredClone(presetOf('dense-quick'));
    switchOn(quick, 'snl');
    expect(quick.methods[0]).toMatchObject({ maxEpochs: 20 });
    const paper = structuredClone(presetOf('snl-cifar100'));
    paper.methods = [];
    switchOn(paper, 'snl');
    expect(paper.methods).toEqual(presetOf('snl-cifar100').methods);
  });
});
