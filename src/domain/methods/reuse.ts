/**
 * ReLU-reuse with N groups (DeepReShape, Jha & Reagen, TMLR 2024), our implementation (the wiring is not specified in the
 * paper): the channels of a site split into N groups, the ReLU runs on the first group only, and every other channel uses the
 * DReLU of the matching channel of that group, with nothing trained: prototypes = the first ⌈C/N⌉ channels, channel c uses the
 * DReLU of channel c mod P, affine fixed at (1, 0).
 */
import { z } from 'zod';
import { gateOf } from '../gateMap.ts';
import type { GateMap } from '../gateMap.ts';
import { sitesOf } from '../network.ts';
import type { NetworkSpec } from '../network.ts';
import { distillationSchema, phaseSchema, quickPhase, SNL_DENSE } from '../phase.ts';
import { cyclic } from '../sharing.ts';
import { defineMethod } from './descriptor.ts';

const schema = z.strictObject({
  name: z.literal('reuse'),
  /** N: the channels of a site split into N groups; one keeps its ReLUs, the others use the DReLUs of the matching channels. */
  groups: z.int().min(2),
  train: phaseSchema,
  distillation: distillationSchema.nullable(),
});

export type ReuseMethod = z.infer<typeof schema>;

/** The gate map of ReLU-reuse on top of `base`, whose linear sites stay linear. */
function reuseGates(network: NetworkSpec, base: GateMap, { groups }: Pick<ReuseMethod, 'groups'>): GateMap {
  if (!Number.isInteger(groups) || groups < 1)
    throw new RangeError(`Groups must be a whole number of at least 1, not ${groups}.`);
  const gates: GateMap = { ...base };
  for (const site of sitesOf(network)) {
    if (gateOf(base, site.id).kind === 'identity') continue;
    const [channels] = site.shape;
    const prototypes = Array.from({ length: Math.ceil(channels / groups) }, (_, c) => c);
    const source = cyclic(channels, prototypes);
    gates[site.id] = { kind: 'share', from: null, prototypes, source, masked: false, affine: 'fixed' };
  }
  return gates;
}

export const reuse = defineMethod({
  name: 'reuse',
  schema,
  title: 'ReLU-reuse',
  summary: 'One group of channels computes DReLUs, the other groups reuse them (DeepReShape; our implementation)',
  role: 'share',
  colour: { light: '#b3558a', dark: '#d98ab3' },
  marker: 'diamond',
  defaults: ({ quick }): ReuseMethod => ({
    name: 'reuse',
    groups: 4,
    train: quick ? quickPhase(4, 0.03) : SNL_DENSE,
    distillation: null,
  }),
  describe: ({ groups }) => [`${groups} groups`],
  gates: reuseGates,
  phases: ({ train }) => [train],
});
