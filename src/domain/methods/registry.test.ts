/** The table of methods: what every descriptor must be for the rest of the program to read it. */
import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../composition.ts';
import { countsOf } from '../counting.ts';
import { experimentSchema } from '../experiment.ts';
import { network, presetOf } from '../presets.ts';
import { ROLES } from './descriptor.ts';
import { descriptorOf, exclude, inOrder, METHOD_ORDER, methodSchema, type Method } from './registry.ts';

const methods = METHOD_ORDER.map((name) => [name, descriptorOf(name)] as const);
const roles = Object.keys(ROLES);

describe.each(methods)('%s', (name, descriptor) => {
  const defaults = (quick: boolean, spec = network(8)): Method => descriptor.defaults({ quick, network: spec });

  it('has the name that it is listed by, and words for people', () => {
    expect(descriptor.name).toBe(name);
    for (const text of [descriptor.title, descriptor.summary]) expect(text).toMatch(/^\S.*\S$/);
  });

  it.each([true, false])('has defaults that its schema accepts and that fit the network (quick: %s)', (quick) => {
    expect(methodSchema.parse(defaults(quick))).toEqual(defaults(quick));
    const experiment = { ...presetOf('dense-quick'), methods: [defaults(quick)] };
    expect(experimentSchema.parse(experiment)).toEqual(experiment);
    const { drelus } = countsOf(experiment.network, gateMapOf(experiment)).total;
    expect(drelus).toBeLessThanOrEqual(countsOf(experiment.network).total.drelus);
    expect(descriptor.phases(defaults(quick) as never).every(({ epochs, batch }) => epochs >= 0 && batch > 0)).toBe(
      true,
    );
  });

  it('is fitted to a network with other stages', () => {
    const method = structuredClone(defaults(true));
    const spec = network(4, { blocks: [1, 1], widths: [4, 6] });
    descriptor.fit?.(method as never, spec);
    const experiment = { ...presetOf('dense-quick'), network: spec, methods: [method] };
    expect(experimentSchema.safeParse(experiment).success).toBe(true);
    expect(() => gateMapOf(experiment)).not.toThrow();
  });

  it('refuses fields that it does not know', () => {
    expect(methodSchema.safeParse({ ...defaults(true), surprise: 1 }).success).toBe(false);
  });
});

describe('all methods', () => {
  it('differ in title, marker and colours, from each other and from dense and mixed runs', () => {
    const distinct = (values: string[]) => expect(new Set(values).size).toBe(values.length);
    distinct([...methods.map(([, { title }]) => title), 'Dense', 'Several methods']);
    distinct([...methods.map(([, { marker }]) => marker), 'plus', 'star']);
    for (const scheme of ['light', 'dark'] as const) distinct(methods.map(([, { colour }]) => colour[scheme]));
  });

  it('apply in the order of their roles', () => {
    const ranks = methods.map(([, { role }]) => roles.indexOf(role));
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
    const reversed = [...METHOD_ORDER].reverse().map((name) => ({ name }));
    expect(inOrder(reversed).map(({ name }) => name)).toEqual(METHOD_ORDER);
  });

  it('compose exactly where they decide different things', () => {
    for (const a of METHOD_ORDER)
      for (const b of METHOD_ORDER.filter((other) => other !== a)) {
        const settings = [a, b].map((name): Method =>
          descriptorOf(name).defaults({ quick: true, network: network(8) }),
        );
        const parsed = experimentSchema.safeParse({ ...presetOf('dense-quick'), methods: settings });
        expect(parsed.success, `${a} with ${b}`).toBe(!exclude(a, b));
      }
  });
});
