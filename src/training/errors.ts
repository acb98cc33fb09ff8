/** Errors of training: few classes, each message a sentence that a user can act on. */

/** An experiment that cannot be run as it stands. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
}

/** Training has diverged: the loss, a parameter or a gradient is no longer a finite number. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  /** @param title of the phase @param epoch 0-based @param what is not finite @param learningRate of that step, where known */
  constructor(title: string, epoch: number, what: string, learningRate?: number) {
    const rate = learningRate === undefined ? '' : ` (${learningRate})`;
    super(
      `${title}, epoch ${epoch + 1}: ${what} is no longer a finite number. Lower the learning rate${rate} or the weight of distillation and start again; the last checkpoint is from before this.`,
    );
  }
}

/** A checkpoint, a run folder or a start that cannot be used. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
}
