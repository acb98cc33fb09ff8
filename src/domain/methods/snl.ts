/**
 * SNL, Selective Network Linearization (Cho et al., ICML 2022): trains a mask α per neuron (or channel) with an L1 penalty until
 * at most the budget's DReLUs remain, then finetunes with the masks frozen. Settings only; the phases are in training/methods.
 */
import { z } from 'zod';
import { budgetCount, budgetSchema, describeBudget } from '../budget.ts';
import { atMost, count, natural, positive } from '../fields.ts';
import { maskedGates } from '../maskGates.ts';
import { DISTILLATION, distillationSchema, phaseSchema, quickPhase, SNL_FINETUNE } from '../phase.ts';
import { defineMethod, type SettingIssue } from './descriptor.ts';

const schema = z.strictObject({
  name: z.literal('snl'),
  budget: budgetSchema,
  granularity: z.enum(['pixel', 'channel']),
  /** λ, weight of Σ|α|, at the start; multiplied by κ when the count did not fall below its lowest. */
  lambda: positive,
  kappa: z.number().min(1),
  /** A neuron counts as kept while α > ε. */
  epsilon: z.number().min(0).lt(1),
  /** λ does not grow before this epoch of the mask stage (the released code: 5; the printed Algorithm 1: 0). */
  lambdaHold: count,
  learningRate: positive,
  maskLearningRate: positive,
  batch: natural,
  maxEpochs: natural,
  /** How often the count is checked: null once per epoch (the paper), else every so many steps. */
  checkEverySteps: natural.nullable(),
  /**
   * True: masks move more slowly as the budget nears, so that the count cannot fall far below it between two checks. Absent or
   * false: a constant mask learning rate (the paper).
   */
  slowNearBudget: z.boolean().optional(),
  /** threshold: α ← 1[α > ε] (the paper). exact: exactly the budget's largest masks stay. */
  binarise: z.enum(['threshold', 'exact']),
  /**
   * Epochs over which the masks move to 0 and 1 in equal steps while the weights are trained; absent: at once (the paper). Between
   * two steps the weights adapt, so that accuracy does not fall all at once.
   */
  binariseEpochs: atMost(100).optional(),
  distillation: distillationSchema.nullable(),
  finetune: phaseSchema,
});

export type SnlMethod = z.infer<typeof schema>;

/** The mask stage rarely needs all the epochs that it may take. */
const EXPECTED_MASK_EPOCHS = 0.5;

/** SNL exactly as the released code runs it. */
export const SNL_PAPER: SnlMethod = {
  name: 'snl',
  budget: { kind: 'count', drelus: 15_000 },
  granularity: 'pixel',
  lambda: 1e-5,
  kappa: 1.1,
  epsilon: 1e-2,
  lambdaHold: 5,
  learningRate: 1e-3,
  maskLearningRate: 1e-3,
  batch: 128,
  maxEpochs: 2000,
  checkEverySteps: null,
  binarise: 'threshold',
  distillation: DISTILLATION,
  finetune: SNL_FINETUNE,
};

/**
 * For narrow networks and few images, where the paper's λ is too weak to move the masks (design: algorithms §2): larger λ and mask
 * learning rate, and exactly the budget's largest masks kept. λ is constant: α needs 1/rate steps to reach ε whatever λ is, and a λ
 * that grows meanwhile pushes useful masks down with the others. A check every other step ends the stage at the budget.
 */
export const SNL_QUICK: SnlMethod = {
  ...SNL_PAPER,
  budget: { kind: 'share', share: 0.25 },
  lambda: 1e-3,
  lambdaHold: 20,
  maskLearningRate: 2e-2,
  batch: 64,
  maxEpochs: 20,
  checkEverySteps: 2,
  binarise: 'exact',
  finetune: quickPhase(4, 0.01),
};

/** The quick settings with masks that move to 0 and 1 over three epochs: at once costs 17 points of accuracy on CIFAR images. */
export const SNL_GRADUAL: SnlMethod = { ...SNL_QUICK, binariseEpochs: 3 };

export const snl = defineMethod({
  name: 'snl',
  schema,
  title: 'SNL',
  summary: 'Learns which neurons keep their ReLU (Cho et al. 2022)',
  role: 'mask',
  colour: { light: '#d55e00', dark: '#f0803c' },
  marker: 'circle',
  defaults: ({ quick }) => (quick ? SNL_GRADUAL : SNL_PAPER),
  describe: ({ budget, granularity }) => [describeBudget(budget), granularity],
  gates: (network, base, { granularity }) => maskedGates(network, base, granularity),
  budget: ({ budget }, drelus) => budgetCount(budget, drelus),
  phases: ({ maxEpochs, batch, binariseEpochs = 0, finetune }) => [
    { epochs: maxEpochs * EXPECTED_MASK_EPOCHS + binariseEpochs, batch },
    finetune,
  ],
  check({ granularity, slowNearBudget, checkEverySteps }, { roles }) {
    const issues: SettingIssue[] = [];
    if (granularity === 'channel' && roles.has('share'))
      issues.push({
        path: ['granularity'],
        message: 'over shared gates SNL masks single neurons of the prototypes: choose pixel.',
      });
    if (slowNearBudget && checkEverySteps === null)
      issues.push({
        path: ['slowNearBudget'],
        message: 'slowing near the budget needs checks every few steps: set checkEverySteps.',
      });
    return issues;
  },
});
