/** Something whose training steps are timed. */
export interface Contender {
  /** Enqueues the step on batch `index` mod BATCHES. */
  step(index: number): void;
  /** Waits until the GPU has done everything. */
  settle(): Promise<void>;
  /** Loss of the last step. */
  loss(): Promise<number>;
  /** Where the contender can tell: GPU milliseconds of one step, kernel by kernel. */
  profile?(): Promise<ProfileRow[]>;
}

export interface ProfileRow {
  kernel: string;
  layer: string;
  /** GPU time of one step. */
  ms: number;
  /** Of the usual count; 0 where a kernel multiplies no matrices. */
  flops: number;
}
