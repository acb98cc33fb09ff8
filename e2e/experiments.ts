/** Experiments small enough for a software GPU: a ResNet-18 of base width 4, a few dozen steps per phase. */
import { experimentSchema, type Experiment } from '../src/domain/experiment.ts';
import { SNL_QUICK } from '../src/domain/methods/snl.ts';
import { quickPhase } from '../src/domain/phase.ts';
import { network } from '../src/domain/presets.ts';

/** Budget: share of the DReLUs. */
export const SHARE = 0.3;

const phase = (epochs: number, learningRate: number) => ({ ...quickPhase(epochs, learningRate), batch: 16 });

/** Dense training for one epoch, masks down to SHARE, one epoch of finetuning. */
export function snlBriefly(name: string, dataset: Partial<Experiment['dataset']>, train: number): Experiment {
  return experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name,
    seed: 3,
    dataset: {
      name: 'synthetic',
      trainImages: train,
      testImages: 60,
      validationShare: 0.2,
      syntheticSeed: 1,
      ...dataset,
    },
    augment: { cropPadding: 2, flip: true },
    network: network(4),
    dense: phase(1, 0.05),
    methods: [
      {
        ...SNL_QUICK,
        budget: { kind: 'share', share: SHARE },
        batch: 16,
        maxEpochs: 2,
        maskLearningRate: 0.05,
        lambda: 3e-3,
        lambdaHold: 0,
        checkEverySteps: 4,
        finetune: phase(1, 0.01),
      },
    ],
    selection: 'validation',
  });
}

/** Dense training that lasts long enough to be observed, paused or stopped. */
export function denseLong(name: string): Experiment {
  const experiment = snlBriefly(name, {}, 400);
  return experimentSchema.parse({ ...experiment, methods: [], dense: phase(200, 0.05) });
}
