/**
 * SNL, Selective Network Linearization (Cho et al., ICML 2022; design: algorithms §2), as the released code runs it:
 *
 *   masks      Adam on weights and masks, no weight decay; cross entropy + distillation + λ·Σ|α|; α is never clamped.
 *              After each epoch (or every N steps): count = DReLUs with α > ε. Not below the lowest so far, and epoch ≥ hold:
 *              λ ← κ·λ. The stage ends once count ≤ budget.
 *              Slowing near the budget (an option of ours): the mask learning rate of the next N steps is halved until at least
 *              85% of the budget's masks lie too far above ε to reach it in N steps (Adam moves α by about its rate per step);
 *              λ does not grow meanwhile.
 *   binarize   (An option of ours.) α moves to its bit in equal steps, an epoch of training the weights after each; frozen.
 *   finetune   α ← 1[α > ε] or exactly the budget's largest α, frozen; the finetune phase with distillation.
 *
 * Where the stage runs out of epochs above the budget, the largest masks up to the budget are kept, whichever way to binarise
 * was chosen, and a warning says so: a budget is a promise.
 */
import { applyMethod } from '../../domain/composition.ts';
import { budgetCount } from '../../domain/budget.ts';
import { countsOf, drelusFromMaskCounts } from '../../domain/counting.ts';
import type { Phase } from '../../domain/experiment.ts';
import type { GateMap } from '../../domain/gateMap.ts';
import { withoutMasks } from '../../domain/maskGates.ts';
import type { SnlMethod } from '../../domain/methods/snl.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import type { TensorMap } from '../../engine/api.ts';
import { binarise, countsOfWeights, keptBelow, keptDrelus } from '../binarise.ts';
import { PLAIN_NUMBERS, type BeginContext, type Memory, type PhaseStart, type PlannedPhase } from './rule.ts';

/** λ's rule after one count. `lowest` is the lowest count so far, at the start all masks. */
export function afterCount(
  { lambda, lowest }: { lambda: number; lowest: number },
  count: number,
  epoch: number,
  { kappa, lambdaHold }: Pick<SnlMethod, 'kappa' | 'lambdaHold'>,
): { lambda: number; lowest: number } {
  if (count < lowest) return { lambda, lowest: count };
  return { lambda: epoch >= lambdaHold ? lambda * kappa : lambda, lowest };
}

/** Slowing near the budget: how many halvings of the mask learning rate there are, and what may be lost between two checks. */
const SLOWEST = 2 ** -7;
const SAFE_SHARE = 0.85;

/**
 * The largest power of two, at most 1, by which the mask learning rate may be multiplied for the next `steps` steps.
 * @param above DReLUs with α above a threshold
 */
export async function paceOf(
  { maskLearningRate, epsilon }: Pick<SnlMethod, 'maskLearningRate' | 'epsilon'>,
  steps: number,
  budget: number,
  above: (threshold: number) => Promise<number>,
): Promise<number> {
  let pace = 1;
  while (pace > SLOWEST && (await above(epsilon + steps * maskLearningRate * pace)) < SAFE_SHARE * budget) pace /= 2;
  return pace;
}

function beginMasks(method: SnlMethod, { experiment, gates, weights }: BeginContext): PhaseStart {
  const { network } = experiment;
  const budget = budgetCount(method.budget, countsOf(network, gates).total.drelus);
  const masked = applyMethod(network, gates, method);
  const start = countsOf(network, masked).total.drelus;
  const memory: Memory = { lambda: method.lambda, lowest: start, count: start, budget };
  if (start <= budget)
    return {
      gates: masked,
      weights,
      memory,
      finished: true,
      warnings: [`The budget of ${budget} DReLUs keeps all ${start}: SNL removes none, and there is no mask stage.`],
    };
  return { gates: masked, weights, memory };
}

/** Trained masks as bits, and what there is to say about it. */
function bitsOf(
  method: SnlMethod,
  { experiment: { network }, gates, weights }: BeginContext,
): { binary: TensorMap; warnings: string[] } {
  // The gates before the masks, for a budget that is a share of them.
  const budget = budgetCount(method.budget, countsOf(network, withoutMasks(gates)).total.drelus);
  const reached = keptDrelus(network, gates, weights, method.epsilon);
  if (method.binarise === 'threshold' && reached <= budget)
    return { binary: binarise(network, gates, weights, { epsilon: method.epsilon }), warnings: [] };
  const warnings =
    method.binarise === 'threshold'
      ? [
          `The mask stage ended at ${reached} DReLUs, above the budget of ${budget}: the largest masks up to the budget are kept.`,
        ]
      : [];
  return { binary: binarise(network, gates, weights, { keep: budget }), warnings };
}

const masksOf = (gates: GateMap) =>
  Object.values(gates).some((gate) => gate.kind === 'share') ? 'prototype masks' : 'masks';

/**
 * Masks that have moved a share of the way from where training left them to their bits. Kept masks stay above dropped ones, so that
 * the bits are the same whenever they are determined.
 */
export function towardsBits(weights: TensorMap, binary: TensorMap, share: number): TensorMap {
  const moved: TensorMap = new Map(weights);
  for (const [name, bits] of binary) {
    const from = weights.get(name);
    if (!from || from === bits) continue;
    moved.set(name, { shape: from.shape, data: from.data.map((value, i) => value + share * (bits.data[i] - value)) });
  }
  return moved;
}

/** Step `step` of `steps`: an equal part of the way that is left after the steps before. */
function beginStep(method: SnlMethod, context: BeginContext, step: number, steps: number): PhaseStart {
  const { gates, weights, experiment } = context;
  const { binary, warnings } = bitsOf(method, context);
  const moved = towardsBits(weights, binary, 1 / (steps - step + 1));
  const what = `${masksOf(gates)} ${step}/${steps} binarized`;
  const memory: Memory = { count: countsOfWeights(experiment.network, gates, binary).total.drelus };
  return { gates, weights: moved, memory, warnings, switch: { what, before: { weights, soft: null } } };
}

function beginFinetune(method: SnlMethod, context: BeginContext): PhaseStart {
  const { gates, weights, experiment } = context;
  const { binary, warnings } = bitsOf(method, context);
  const detail = keptText(experiment.network, gates, weights, binary, method.epsilon);
  const what = `${masksOf(gates)} binarized`;
  return { gates, weights: binary, memory: {}, warnings, switch: { what, detail, before: { weights, soft: null } } };
}

/** "3,072 kept", and where masks below ε had to fill the budget: how many. */
function keptText(
  network: NetworkSpec,
  gates: GateMap,
  weights: TensorMap,
  binary: TensorMap,
  epsilon: number,
): string {
  const { kept, below } = keptBelow(network, gates, weights, binary, epsilon);
  const all = `${kept.toLocaleString('en')} kept`;
  return below === 0 ? all : `${all}, of which ${below.toLocaleString('en')} were below ε`;
}

export function snlPhases(method: SnlMethod): PlannedPhase[] {
  const masks: Phase = {
    epochs: method.maxEpochs,
    batch: method.batch,
    optimizer: { kind: 'adam', learningRate: method.learningRate, weightDecay: 0 },
    schedule: { kind: 'constant' },
  };
  const steps = method.binariseEpochs ?? 0;
  const binarising = Array.from({ length: steps }, (_, i): PlannedPhase => ({
    info: {
      id: `snl-binarize-${i + 1}`,
      method: 'snl',
      kind: 'train',
      title: `SNL masks to 0 and 1, step ${i + 1} of ${steps}`,
      epochs: 1,
    },
    phase: { ...masks, epochs: 1 },
    distillation: method.distillation,
    rule: {
      begin: (context) => beginStep(method, context, i + 1, steps + 1),
      numbers: () => PLAIN_NUMBERS,
      counted: ({ count }) => count,
      epsilon: method.epsilon,
      selects: false,
    },
  }));
  return [
    {
      info: { id: 'snl-masks', method: 'snl', kind: 'masks', title: 'SNL mask stage', epochs: method.maxEpochs },
      phase: masks,
      distillation: method.distillation,
      rule: {
        begin: (context) => beginMasks(method, context),
        numbers: ({ lambda, pace = 1 }) => ({
          ...PLAIN_NUMBERS,
          lambda,
          trainMasks: true,
          maskLearningRate: method.maskLearningRate * pace,
        }),
        check: {
          everySteps: method.checkEverySteps,
          async run({ experiment, gates, memory, epoch, maskCounts }) {
            const above = async (threshold: number) =>
              drelusFromMaskCounts(experiment.network, gates, await maskCounts(threshold));
            const count = await above(method.epsilon);
            const { lambda, lowest, budget } = memory;
            const after: Memory = { ...memory, ...afterCount({ lambda, lowest }, count, epoch, method), count };
            const finished = count <= budget;
            if (!method.slowNearBudget || method.checkEverySteps === null || finished)
              return { memory: after, finished };
            const pace = await paceOf(method, method.checkEverySteps, budget, above);
            // While masks are slowed, a count that stays says nothing about λ.
            return { memory: { ...after, ...(pace < 1 ? { lambda } : {}), pace }, finished };
          },
        },
        counted: ({ count }) => count,
        epsilon: method.epsilon,
        endsAt: ({ budget }) => budget,
        selects: false,
      },
    },
    ...binarising,
    {
      info: {
        id: 'snl-finetune',
        method: 'snl',
        kind: 'finetune',
        title: 'SNL finetuning',
        epochs: method.finetune.epochs,
      },
      phase: method.finetune,
      distillation: method.distillation,
      rule: { begin: (context) => beginFinetune(method, context), numbers: () => PLAIN_NUMBERS, selects: true },
    },
  ];
}
