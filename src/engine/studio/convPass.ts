/** One pass over a convolution, forward or to its input, as the functions that make its dispatches take it. */
import type { ConvLayer } from '../../domain/network.ts';
import type { Slice } from '../gpu/memory.ts';

export interface PassBuffers {
  x: Slice;
  w: Slice;
  y: Slice;
  skip?: Slice;
  /** As many and as long as scratchVectors says. */
  scratch?: readonly Slice[];
  /** Forward: statisticsTiles · TILE_KINDS · out4 vectors of batch-norm sums, where they are wanted. */
  statistics?: Slice;
}

export interface Pass {
  label: string;
  layer: ConvLayer;
  batch: number;
  role: 'forward' | 'input gradient';
  accumulate: number;
  half: boolean;
  buffers: PassBuffers;
}

export function requireScratch(scratch: readonly Slice[] | undefined, count: number, label: string): readonly Slice[] {
  if (scratch?.length !== count) throw new Error(`${label} needs ${count} scratch buffers.`);
  return scratch;
}
