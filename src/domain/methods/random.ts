/**
 * Random masks: keeps a given number of DReLUs chosen at random by the experiment's seed, then finetunes. The control that every
 * method which selects DReLUs is compared with: uniform over all neurons, or with as many per layer as another run has kept, so
 * that only the choice within the layers is random. The draw is in randomMasks.ts.
 */
import { z } from 'zod';
import { budgetCount, budgetSchema, describeBudget } from '../budget.ts';
import { maskedGates } from '../maskGates.ts';
import { sitesOf } from '../network.ts';
import { DISTILLATION, distillationSchema, phaseSchema, quickPhase, SNL_FINETUNE } from '../phase.ts';
import { defineMethod, type SettingIssue } from './descriptor.ts';

const schema = z.strictObject({
  name: z.literal('random'),
  budget: budgetSchema,
  granularity: z.enum(['pixel', 'channel']),
  /** Weight of each gate site, for instance the DReLUs that another run kept there; sites left out have 0. null: uniform. */
  proportions: z.record(z.string(), z.number().min(0)).nullable().default(null),
  distillation: distillationSchema.nullable(),
  finetune: phaseSchema,
});

export type RandomMethod = z.infer<typeof schema>;

export const random = defineMethod({
  name: 'random',
  schema,
  title: 'Random',
  summary: 'Keeps DReLUs chosen at random: the control for methods that select them',
  role: 'mask',
  colour: { light: '#6a5acd', dark: '#a9a1f0' },
  marker: 'cross',
  defaults: ({ quick }): RandomMethod => ({
    name: 'random',
    budget: quick ? { kind: 'share', share: 0.25 } : { kind: 'count', drelus: 15_000 },
    granularity: 'pixel',
    proportions: null,
    distillation: DISTILLATION,
    finetune: quick ? quickPhase(6, 0.03) : SNL_FINETUNE,
  }),
  describe: ({ budget, granularity, proportions }) => [
    describeBudget(budget),
    granularity,
    ...(proportions ? ['per-layer proportions'] : []),
  ],
  gates: (network, base, { granularity }) => maskedGates(network, base, granularity),
  budget: ({ budget }, drelus) => budgetCount(budget, drelus),
  phases: ({ finetune }) => [finetune],
  check({ granularity, proportions }, { network, roles }) {
    const issues: SettingIssue[] = [];
    if (granularity === 'channel' && roles.has('share'))
      issues.push({
        path: ['granularity'],
        message: 'over shared gates single neurons of the prototypes are masked: choose pixel.',
      });
    if (!proportions) return issues;
    const known = new Set(sitesOf(network).map(({ id }) => id));
    const stranger = Object.keys(proportions).find((id) => !known.has(id));
    if (stranger !== undefined)
      issues.push({ path: ['proportions', stranger], message: 'this network has no such gate site.' });
    if (!Object.values(proportions).some((weight) => weight > 0))
      issues.push({ path: ['proportions'], message: 'at least one gate site needs a weight above 0.' });
    return issues;
  },
  fit(method, network) {
    if (!method.proportions) return;
    const known = new Set(sitesOf(network).map(({ id }) => id));
    const left = Object.entries(method.proportions).filter(([id]) => known.has(id));
    method.proportions = left.some(([, weight]) => weight > 0) ? Object.fromEntries(left) : null;
  },
});
