/**
 * Random masks (domain/methods/random.ts): binary from the start, so there is one phase, finetuning with the masks frozen. The draw
 * comes from the experiment's seed alone. Masks of a network that the run was started from stay: only what they kept is drawn from.
 */
import { budgetCount } from '../../domain/budget.ts';
import { applyMethod } from '../../domain/composition.ts';
import { countsOf } from '../../domain/counting.ts';
import type { RandomMethod } from '../../domain/methods/random.ts';
import { Random } from '../../domain/random.ts';
import { drawMasks } from '../../domain/randomMasks.ts';
import type { TensorMap } from '../../engine/api.ts';
import { gateParametersOf } from '../../engine/gateParameters.ts';
import { countsOfWeights, knownGatesOf } from '../binarise.ts';
import { seedFor } from '../seeds.ts';
import { PLAIN_NUMBERS, type BeginContext, type PhaseStart, type PlannedPhase } from './rule.ts';

function begin(method: RandomMethod, { experiment, gates, weights }: BeginContext): PhaseStart {
  const { network, seed } = experiment;
  const budget = budgetCount(method.budget, countsOf(network, gates).total.drelus);
  const masked = applyMethod(network, gates, method);
  const start = countsOfWeights(network, masked, weights).total.drelus;
  const bits = drawMasks(network, masked, {
    budget,
    proportions: method.proportions,
    random: new Random(seedFor(seed, 'random masks')),
    before: knownGatesOf(network, masked, weights, 0.5),
  });
  const drawn: TensorMap = new Map(weights);
  for (const { name, site, shape, role } of gateParametersOf(network, masked))
    if (role === 'alpha') drawn.set(name, { shape, data: Float32Array.from(bits[site]) });
  const kept = countsOfWeights(network, masked, drawn).total.drelus;
  return {
    gates: masked,
    weights: drawn,
    memory: {},
    warnings:
      start <= budget ? [`The budget of ${budget} DReLUs keeps all ${start}: no DReLUs are removed at random.`] : [],
    switch: {
      what: 'random masks',
      detail: `${kept.toLocaleString('en')} kept`,
      before: { weights, soft: null },
    },
  };
}

export const randomPhases = (method: RandomMethod): PlannedPhase[] => [
  {
    info: {
      id: 'random-finetune',
      method: 'random',
      kind: 'finetune',
      title: 'Random masks, finetuning',
      epochs: method.finetune.epochs,
    },
    phase: method.finetune,
    distillation: method.distillation,
    rule: { begin: (context) => begin(method, context), numbers: () => PLAIN_NUMBERS, selects: true },
  },
];
