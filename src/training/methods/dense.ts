/** Training before any method: plain ReLUs, or the gates that the run was started with, masks frozen. */
import type { Phase } from '../../domain/experiment.ts';
import { carryOn, PLAIN_NUMBERS, type PlannedPhase } from './rule.ts';

export function densePhases(phase: Phase, finetunes: boolean): PlannedPhase[] {
  if (phase.epochs === 0) return [];
  return [
    {
      info: {
        id: 'dense',
        method: null,
        kind: finetunes ? 'finetune' : 'dense',
        title: finetunes ? 'Finetuning' : 'Dense training',
        epochs: phase.epochs,
      },
      phase,
      distillation: null,
      rule: { begin: carryOn, numbers: () => PLAIN_NUMBERS, selects: true },
    },
  ];
}
