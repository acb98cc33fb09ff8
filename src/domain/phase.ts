/** One stretch of training: epochs, batch size, optimizer and learning rate schedule; and the distillation beside it. */
import { z } from 'zod';
import { count, natural, positive } from './fields.ts';

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant') }),
  /** lr × factor at the start of each milestone epoch (0-based, as PyTorch's MultiStepLR). */
  z.strictObject({ kind: z.literal('step'), milestones: z.array(count), factor: positive }),
  /** Half a cosine from the phase's rate to `floor` × rate over its epochs, stepped once per epoch (PyTorch's CosineAnnealingLR). */
  z.strictObject({ kind: z.literal('cosine'), floor: z.number().min(0).max(1).default(0) }),
]);

export const optimizerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sgd'),
    learningRate: positive,
    momentum: z.number().min(0).lt(1),
    weightDecay: z.number().min(0),
  }),
  z.strictObject({ kind: z.literal('adam'), learningRate: positive, weightDecay: z.number().min(0).default(0) }),
]);

export const phaseSchema = z.strictObject({
  epochs: count,
  batch: natural,
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
});

/** KL of the softened outputs times T², against a frozen teacher in evaluation mode (Hinton 2015). */
export const distillationSchema = z.strictObject({ temperature: positive, weight: z.number().min(0) });

export type Phase = z.infer<typeof phaseSchema>;
export type Optimizer = z.infer<typeof optimizerSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type Distillation = z.infer<typeof distillationSchema>;

/** SNL's dense pretraining (released code): also the default recipe of methods whose papers' settings are not available. */
export const SNL_DENSE: Phase = {
  epochs: 160,
  batch: 256,
  optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'step', milestones: [80, 120], factor: 0.1 },
};

/** SNL's finetuning (released code). */
export const SNL_FINETUNE: Phase = {
  epochs: 100,
  batch: 128,
  optimizer: { kind: 'sgd', learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'cosine', floor: 0 },
};

/** SNL's distillation: temperature 4, weight 1. The factor T² = 16 is part of the loss itself. */
export const DISTILLATION: Distillation = { temperature: 4, weight: 1 };

/** A short phase for the built-in data: batch 64, SGD with momentum, cosine schedule. */
export const quickPhase = (epochs: number, learningRate = 0.1): Phase => ({
  epochs,
  batch: 64,
  optimizer: { kind: 'sgd', learningRate, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'cosine', floor: 0 },
});
