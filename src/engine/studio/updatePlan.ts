/**
 * What happens once per step rather than once per layer: the optimizer over all groups.
 */
import type { GpuMemory, Slice } from '../gpu/memory.ts';
import type { Recording } from '../gpu/recording.ts';
import { BLOCK_KIND, optimizerKernel } from '../kernels/optimizer.ts';
import { linearGrid } from './geometry.ts';
import type { NetworkState } from './planForward.ts';

/** One dispatch per group; the mask blocks' penalties lie side by side, 64 per block. */
export function addOptimizer(
  memory: GpuMemory,
  recording: Recording,
  state: NetworkState,
): { slice: Slice; count: number } {
  const { parameters } = state;
  const groups = ['small' as const, ...parameters.layout.large.keys()];
  const kindsOf = groups.map((group) => parameters.blockKinds(group));
  const masksOf = kindsOf.map((kinds) => kinds.filter((kind) => (kind & 255) === BLOCK_KIND.mask).length);
  const count = 64 * masksOf.reduce((sum, masks) => sum + masks, 0);
  const slice = memory.allocate(4 * Math.max(1, count), 'penalties');
  let first = 0;
  groups.forEach((group, i) => {
    const kinds = memory.allocate(4 * kindsOf[i].length, 'block kinds');
    memory.device.queue.writeBuffer(kinds.buffer, 0, kindsOf[i]);
    const of = (kind: 'parameters' | 'gradients' | 'first' | 'second') =>
      group === 'small' ? parameters.small.get(kind)! : parameters.large.get(kind)![group];
    recording.add({
      label: `optimizer ${group}`,
      kernel: optimizerKernel,
      dims: { blocks: kindsOf[i].length, firstPenalty: first },
      buffers: {
        kinds,
        gradients: of('gradients'),
        parameters: of('parameters'),
        first: of('first'),
        second: of('second'),
        penalties: slice,
      },
      grid: linearGrid(kindsOf[i].length),
    });
    first += 64 * masksOf[i];
  });
  return { slice, count };
}
