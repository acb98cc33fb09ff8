/** Something whose training steps are timed. */
export interface Contender {
  /** Enqueues the step on batch `index` mod BATCHES. */
  step(index: number): void;
  /** Waits until the GPU has done everything. */
  settle(): Promise<void>;
  /** Loss of the last step. */
  loss(): Promise<number>;
  /** Where the contender can tell: GPU time of one step, dispatch by dispatch. */
  profile?(): Promise<ProfileRow[]>;
}

export interface ProfileRow {
  /** The layer and what is done for it: "layer1.0.conv1 forward". */
  label: string;
  kernel: string;
  seconds: number;
  /** Multiply-adds × 2; 0 where a kernel multiplies no matrices. */
  flops: number;
}
