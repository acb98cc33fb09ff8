/** Errors of training: few classes, each message a sentence that a user can act on. */

/** An experiment that cannot be run as it stands. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** The loss is no longer a finite number. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  constructor(title: string, epoch: number, learningRate: number) {
    super(
      `${title}, epoch ${epoch + 1}: the loss is no longer a finite number. Lower the learning rate (${learningRate}) or the weight of distillation, and start again.`,
    );
  }
}

/** A checkpoint, a run folder or a start that cannot be used. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}
