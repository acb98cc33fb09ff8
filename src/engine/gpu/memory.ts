/**
 * GPU memory of one engine: every buffer it makes is made, counted and destroyed here.
 *
 * Activations come from a pool that the planner fills while it lays out a step: a tensor that is no longer needed gives its
 * buffer to a later one. Nothing is taken from it while steps run, so that the bytes are constant from the second step on.
 */
import { GpuError } from '../errors.ts';

/** A buffer, or the part of one that a kernel binds. */
export interface Slice {
  buffer: GPUBuffer;
  /** Bytes. */
  offset: number;
  size: number;
}

const ALIGN = 256;
export const align = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;

export class GpuMemory {
  #buffers = new Set<GPUBuffer>();
  #free: GPUBuffer[] = [];
  #pooled = new Set<GPUBuffer>();
  bytes = 0;

  constructor(readonly device: GPUDevice) {}

  get count(): number {
    return this.#buffers.size;
  }

  /** A buffer of its own, zero at first. @throws GpuError where it is over the adapter's limit. */
  allocate(
    bytes: number,
    label: string,
    usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  ): Slice {
    const size = Math.max(ALIGN, align(bytes));
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    const limit = usage & GPUBufferUsage.STORAGE ? Math.min(maxBufferSize, maxStorageBufferBindingSize) : maxBufferSize;
    if (size > limit)
      throw new GpuError(
        `${label} needs a GPU buffer of ${(size / 1e6).toFixed(0)} MB, and this GPU allows ${(limit / 1e6).toFixed(0)} MB: use a smaller batch, a smaller micro batch or a narrower network.`,
      );
    const buffer = this.device.createBuffer({ size, usage, label });
    this.#buffers.add(buffer);
    this.bytes += size;
    return { buffer, offset: 0, size };
  }

  /** A pooled buffer of at least so many bytes: the tightest free one, else a new one. */
  borrow(bytes: number, label: string): Slice {
    const wanted = Math.max(ALIGN, align(bytes));
    let best = -1;
    this.#free.forEach((buffer, i) => {
      if (buffer.size >= wanted && (best < 0 || buffer.size < this.#free[best].size)) best = i;
    });
    if (best >= 0) {
      const [buffer] = this.#free.splice(best, 1);
      return { buffer, offset: 0, size: wanted };
    }
    const slice = this.allocate(wanted, label);
    this.#pooled.add(slice.buffer);
    return slice;
  }

  /** Gives a pooled buffer back; later tensors of the plan may use it. */
  giveBack(slice: Slice): void {
    if (!this.#pooled.has(slice.buffer)) throw new Error('Only pooled buffers can be given back.');
    if (this.#free.includes(slice.buffer)) throw new Error(`Buffer ${slice.buffer.label} was given back twice.`);
    this.#free.push(slice.buffer);
  }

  release(slice: Slice): void {
    if (!this.#buffers.delete(slice.buffer)) return;
    this.bytes -= slice.buffer.size;
    this.#pooled.delete(slice.buffer);
    this.#free = this.#free.filter((buffer) => buffer !== slice.buffer);
    slice.buffer.destroy();
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#buffers.clear();
    this.#pooled.clear();
    this.#free = [];
    this.bytes = 0;
  }

  /** Copies to the host. Not for the step: it makes a buffer and waits. */
  async read(slice: Slice, bytes = slice.size): Promise<ArrayBuffer> {
    const size = Math.ceil(bytes / 4) * 4;
    const staging = this.device.createBuffer({
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      label: 'readback',
    });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(slice.buffer, slice.offset, staging, 0, size);
      this.device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      return staging.getMappedRange().slice(0, bytes);
    } finally {
      staging.destroy();
    }
  }
}
