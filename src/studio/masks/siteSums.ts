/** Sums over the kept bytes of ReLU layers (C·H·W, 1 where a DReLU is computed). */
import type { InspectedSite } from '../../worker/protocol.ts';

type Bytes = Pick<InspectedSite, 'kept' | 'shape'>;

/** Kept positions of each channel. */
export function keptByChannel({ kept, shape: [channels, height, width] }: Bytes): number[] {
  const size = height * width;
  return Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = c * size; i < (c + 1) * size; i++) sum += kept[i];
    return sum;
  });
}

/** Kept channels at each position, H·W. */
export function keptByPosition({ kept, shape: [channels, height, width] }: Bytes): number[] {
  const size = height * width;
  const sums = Array<number>(size).fill(0);
  for (let c = 0; c < channels; c++) for (let i = 0; i < size; i++) sums[i] += kept[c * size + i];
  return sums;
}

export interface StageSum {
  stage: number;
  drelus: number;
  neurons: number;
  multiplications: number;
}

export function sumByStage(sites: readonly Omit<InspectedSite, 'kept'>[]): StageSum[] {
  const stages = new Map<number, StageSum>();
  for (const { stage, drelus, neurons, multiplications } of sites) {
    const sum = stages.get(stage) ?? { stage, drelus: 0, neurons: 0, multiplications: 0 };
    stages.set(stage, {
      stage,
      drelus: sum.drelus + drelus,
      neurons: sum.neurons + neurons,
      multiplications: sum.multiplications + multiplications,
    });
  }
  return [...stages.values()].sort((a, b) => a.stage - b.stage);
}
