/**
 * What presets were before they were changed: an address is written as a difference from its preset, so that addresses made then
 * still mean what they meant. Each entry turns the present preset into the former one.
 */
import type { Experiment } from './experiment.ts';
import { deepshareMethod } from './methods/deepshare.ts';
import { quickPhase, SNL_DENSE } from './phase.ts';
import { presetOf } from './presets.ts';

/** The studio's protocol under the name of the paper's. */
const validated = (draft: Experiment) => {
  draft.dataset.validationShare = 0.1;
  draft.selection = 'validation';
};

/** SNL's quick settings with a λ that grows from the start, and masks made binary at once. */
const growing = (draft: Experiment) => {
  for (const method of draft.methods)
    if (method.name === 'snl') {
      Object.assign(method, { lambda: 1e-3, lambdaHold: 0, maskLearningRate: 1e-2, checkEverySteps: 10 });
      delete method.binariseEpochs;
    }
};

const CHANGES: Record<string, (draft: Experiment) => void> = {
  'snl-quick': growing,
  'deepshare-over-snl-quick': growing,
  'wrn-quick': growing,
  'snl-paper-cifar100': validated,
  'snl-paper-cifar10': validated,
  'deepshare-quick': (draft) => {
    draft.dense = quickPhase(0);
    draft.methods = [{ ...deepshareMethod(0.25, 4, quickPhase(5), quickPhase(4, 0.03)), distillation: null }];
  },
  'deepshare-cifar100': (draft) => {
    draft.dense = { ...SNL_DENSE, epochs: 0 };
    draft.methods = draft.methods.map((method) => ({ ...method, distillation: null }));
  },
};

/** The preset as it was before its last change; null where it never changed. @throws RangeError where there is no such preset */
export function formerPresetOf(id: string): Experiment | null {
  const change = CHANGES[id];
  if (!change) return null;
  const draft = structuredClone(presetOf(id));
  change(draft);
  return draft;
}
