/**
 * DeepShare (Bornfeld & Avidan 2025): prototype channels compute their own DReLU, replicate channels use one of theirs with a
 * trained affine on the gate; training goes from GELU's gate to the step. Its gate map is in sharing.ts.
 *
 * How the paper selects prototypes, its transition and its optimizer settings are not specified: they are our implementation
 * (design: algorithms §3), and settings.
 */
import { z } from 'zod';
import { compactRatio } from '../describe.ts';
import { natural, positive, share } from '../fields.ts';
import { sitesOf } from '../network.ts';
import type { NetworkSpec } from '../network.ts';
import { DISTILLATION, distillationSchema, phaseSchema, quickPhase, SNL_DENSE } from '../phase.ts';
import type { Phase } from '../phase.ts';
import { sharingGates } from '../sharing.ts';
import { defineMethod } from './descriptor.ts';

const transitionSchema = z.discriminatedUnion('kind', [
  /** Φ(s·z), s rising geometrically from `from` to `to` over the soft phase, then the step. */
  z.strictObject({ kind: z.literal('gelu'), from: positive, to: positive }),
  /** (1 − t)·Φ(z) + t·1[z > 0], t rising from 0 to 1 over the soft phase. */
  z.strictObject({ kind: z.literal('mix') }),
  /** Φ(z) all through the soft phase, then the step at once. */
  z.strictObject({ kind: z.literal('abrupt') }),
]);

const schema = z.strictObject({
  name: z.literal('deepshare'),
  /** Prototypes of every site: a ratio of its channels (rounded, at least 1) per stage, stem first: [stem, stage 1, …]. */
  ratios: z.array(share),
  /** Prototype counts of single sites, over the stage's ratio. */
  overrides: z.record(z.string(), natural).default({}),
  /** Which sites borrow: none; the later gate of a block from its first; every later site of a stage from its first; custom. */
  crossLayer: z.enum(['off', 'block', 'stage', 'custom']),
  /** crossLayer custom: borrower → owner. */
  borrow: z.record(z.string(), z.string()).default({}),
  affine: z.boolean(),
  /** first: the first P channels, channel c shares with c mod P. farthest: selected on gate patterns of a trained network. */
  choice: z.enum(['first', 'farthest']),
  transition: transitionSchema,
  soft: phaseSchema,
  hard: phaseSchema,
  distillation: distillationSchema.nullable(),
});

export type DeepShareMethod = z.infer<typeof schema>;
export type Transition = z.infer<typeof transitionSchema>;

/** DeepShare with the same ratio in every stage and first-P prototypes, distilled from the dense network where one is trained. */
export const deepshareMethod = (ratio: number, stages: number, soft: Phase, hard: Phase): DeepShareMethod => ({
  name: 'deepshare',
  ratios: Array<number>(stages + 1).fill(ratio),
  overrides: {},
  crossLayer: 'off',
  borrow: {},
  affine: true,
  choice: 'first',
  transition: { kind: 'gelu', from: 1, to: 10 },
  soft,
  hard,
  distillation: DISTILLATION,
});

const ACROSS = {
  off: [],
  block: ['shared within blocks'],
  stage: ['one owner per stage'],
  custom: ['custom cross-layer sharing'],
};

/** Drops what names sites that are gone; a new stage shares as the last one does. */
function fit(method: DeepShareMethod, network: NetworkSpec): void {
  const channels = new Map(sitesOf(network).map((site) => [site.id, site.shape[0]]));
  const last = method.ratios.at(-1) ?? 1;
  method.ratios = Array.from({ length: network.blocks.length + 1 }, (_, stage) => method.ratios[stage] ?? last);
  method.overrides = Object.fromEntries(
    Object.entries(method.overrides)
      .filter(([site]) => channels.has(site))
      .map(([site, prototypes]) => [site, Math.min(prototypes, channels.get(site)!)]),
  );
  method.borrow = Object.fromEntries(
    Object.entries(method.borrow).filter(([borrower, owner]) => channels.has(borrower) && channels.has(owner)),
  );
}

export const deepshare = defineMethod({
  name: 'deepshare',
  schema,
  title: 'DeepShare',
  summary: 'Channels share the DReLU of a prototype channel (Bornfeld & Avidan 2025)',
  role: 'share',
  colour: { light: '#009e73', dark: '#2cc295' },
  marker: 'square',
  defaults({ quick, network }) {
    const phase = quick ? quickPhase(4, 0.03) : SNL_DENSE;
    return deepshareMethod(0.25, network.blocks.length, phase, phase);
  },
  describe({ ratios, crossLayer }) {
    const same = ratios.every((value) => value === ratios[0]);
    const prototypes = same ? compactRatio(ratios[0]) : ratios.map(compactRatio).join(', ');
    return [`${prototypes} prototypes`, ...ACROSS[crossLayer]];
  },
  gates: (network, base, method, chosen) => sharingGates(network, method, base, chosen),
  phases: ({ soft, hard }) => [soft, hard],
  check({ ratios }, { network: { blocks } }) {
    const wanted = blocks.length + 1;
    return ratios.length === wanted
      ? []
      : [{ path: ['ratios'], message: `${blocks.length} stages need ${wanted} ratios, the stem's first.` }];
  },
  fit,
});
