/**
 * The data set on the GPU: image bytes in up to four buffers, labels, and the orders that steps and evaluations walk through.
 */
import type { ImageSet } from '../api.ts';
import { GpuError } from '../errors.ts';
import { gatherKernel, MAX_DATA_CHUNKS } from '../kernels/gather.ts';
import type { GpuMemory, Slice } from '../gpu/memory.ts';
import type { DispatchSpec } from '../gpu/recording.ts';
import { divide, linearGrid } from './geometry.ts';

export class Dataset {
  readonly chunks: Slice[];
  readonly labels: Slice;
  readonly perChunk: number;

  /** @throws GpuError where the images do not fit the GPU's bindings. */
  constructor(
    private readonly memory: GpuMemory,
    readonly set: ImageSet,
  ) {
    const { count, shape } = set;
    const bytes = shape[0] * shape[1] * shape[2];
    const { maxBufferSize, maxStorageBufferBindingSize } = memory.device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    // Chunks start at whole words.
    this.perChunk = Math.max(4, Math.min(count, Math.floor((limit - 512) / bytes)) & ~3);
    if (count <= Math.floor((limit - 512) / bytes)) this.perChunk = Math.max(1, count);
    const needed = divide(Math.max(1, count), this.perChunk);
    if (needed > MAX_DATA_CHUNKS)
      throw new GpuError(
        `${((count * bytes) / 1e6).toFixed(0)} MB of images are more than this GPU can bind (${((limit * MAX_DATA_CHUNKS) / 1e6).toFixed(0)} MB): use fewer images.`,
      );
    const { queue } = memory.device;
    this.chunks = Array.from({ length: needed }, (_, i) => {
      const part = set.images.subarray(i * this.perChunk * bytes, Math.min(count, (i + 1) * this.perChunk) * bytes);
      const slice = memory.allocate(part.length, `images ${i}`);
      const whole = part.length & ~3;
      queue.writeBuffer(slice.buffer, 0, part as Uint8Array<ArrayBuffer>, 0, whole);
      if (whole < part.length) {
        const rest = new Uint8Array(4);
        rest.set(part.subarray(whole));
        queue.writeBuffer(slice.buffer, whole, rest);
      }
      return slice;
    });
    this.labels = memory.allocate(4 * Math.max(1, count), 'labels');
    queue.writeBuffer(this.labels.buffer, 0, Uint32Array.from(set.labels));
  }

  /** The dispatch that fills `images` and `labels` with images order[hyper.at …]. */
  gather(order: Slice, batch: number, images: Slice, labels: Slice): DispatchSpec {
    const [channels, height, width] = this.set.shape;
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const asBits = (value: number) => {
      float[0] = value;
      return bits[0];
    };
    const dims: Record<string, number> = { batch, height, width, perChunk: this.perChunk, total: this.set.count };
    for (let c = 0; c < channels; c++) {
      dims[`mean${c}`] = asBits(this.set.mean[c]);
      dims[`deviation${c}`] = asBits(this.set.std[c]);
    }
    return {
      label: 'gather',
      kernel: gatherKernel(this.chunks.length, channels),
      dims,
      buffers: {
        order,
        ...Object.fromEntries(this.chunks.map((slice, i) => [`data${i}`, slice])),
        answers: this.labels,
        images,
        labels,
      },
      grid: linearGrid(divide(batch * height * width, 64)),
    };
  }

  dispose(): void {
    for (const slice of [...this.chunks, this.labels]) this.memory.release(slice);
  }
}
