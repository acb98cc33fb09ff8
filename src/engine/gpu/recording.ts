/**
 * A recorded list of dispatches over fixed buffers: compiled once, replayed every step with nothing but encoder calls.
 *
 * While a plan is laid out, `add` notes kernel, buffers, shape numbers and grid. `compile` builds the pipelines (in parallel,
 * shared by key through the cache) and the bind groups; from then on `encode` makes no GPU object but the command buffer.
 */
import type { Kernel } from './kernel.ts';
import { HYPER_BYTES } from './kernel.ts';
import type { GpuMemory, Slice } from './memory.ts';
import { align } from './memory.ts';
import type { PipelineCache } from './pipelines.ts';
import type { Progress } from '../api.ts';
import { GpuError } from '../errors.ts';

export interface DispatchSpec {
  /** Names the layer, for profiles: "layer1.0.conv1 forward". */
  label: string;
  kernel: Kernel;
  dims?: Record<string, number>;
  buffers: Record<string, Slice>;
  grid: [number, number, number];
  /** Multiply-adds × 2 of the dispatch, for profiles and for cutting long submits. */
  flops?: number;
  /** Tiled kernels: results a workgroup computes, and the length of each one's sum there (padding included); for predictions. */
  tile?: { m: number; n: number; depth: number };
}

/**
 * Bytes that a dispatch must move between memory and the GPU: each bound buffer once, however often the kernel loads from it. Operands
 * that workgroups load again are expected from the caches. The optimizer counts as SGD, which leaves second moments alone.
 */
export function trafficOf({ kernel, buffers, dims }: DispatchSpec): { read: number; written: number } {
  let read = 0;
  let written = 0;
  for (const { name, access } of kernel.buffers) {
    if (kernel.key === 'optimizer' && name === 'second') continue;
    const { size } = buffers[name];
    if (access !== 'write' || dims?.accumulate === 1) read += size;
    if (access !== 'read') written += size;
  }
  return { read, written };
}

interface Ready {
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  grid: [number, number, number];
}

/** Where dispatch time goes; seconds by GPU timestamps. */
export interface ProfileRow {
  label: string;
  kernel: string;
  seconds: number;
  flops: number;
}

export class Recording {
  #specs: DispatchSpec[] = [];
  #ready: Ready[] = [];
  #dims: Slice | null = null;

  constructor(
    private readonly memory: GpuMemory,
    private readonly cache: PipelineCache,
    private readonly hyper: Slice,
  ) {}

  get length(): number {
    return this.#specs.length;
  }

  get specs(): readonly DispatchSpec[] {
    return this.#specs;
  }

  /** @throws GpuError where the GPU takes no grid as long as this. */
  add(spec: DispatchSpec): void {
    const longest = Math.max(...spec.grid);
    const limit = this.cache.device.limits.maxComputeWorkgroupsPerDimension;
    if (longest > limit)
      throw new GpuError(
        `${spec.label} takes ${longest.toLocaleString('en')} workgroups in a row, and this GPU allows ${limit.toLocaleString('en')}: use a smaller batch or a smaller micro batch.`,
      );
    for (const { name } of spec.kernel.buffers) {
      if (!spec.buffers[name]) throw new Error(`${spec.label}: no buffer for ${name} of ${spec.kernel.key}.`);
    }
    this.#specs.push(spec);
  }

  get compiled(): boolean {
    return this.#ready.length === this.#specs.length && this.#specs.length > 0;
  }

  #kernels(): Kernel[] {
    return [...new Map(this.#specs.map((spec) => [spec.kernel.key, spec.kernel])).values()];
  }

  /** Compiles pipelines in parallel, then binds. `progress` counts distinct shaders. */
  async compile(progress?: Progress): Promise<void> {
    if (this.compiled) return;
    const kernels = this.#kernels();
    let done = 0;
    progress?.(0, kernels.length);
    await Promise.all(
      kernels.map(async (kernel) => {
        await this.cache.get(kernel);
        progress?.(++done, kernels.length);
      }),
    );
    this.compileNow();
  }

  /** Binds at once, compiling what is missing. */
  compileNow(): void {
    if (this.compiled) return;
    const compiled = new Map(this.#kernels().map((kernel) => [kernel.key, this.cache.getNow(kernel)]));
    const device = this.cache.device;
    const stride = align(4 * Math.max(1, ...this.#specs.map((spec) => spec.kernel.dims.length)));
    const block = new Uint32Array((stride / 4) * this.#specs.length);
    const dims = this.memory.allocate(block.byteLength, 'dims', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    this.#dims = dims;
    this.#ready = this.#specs.map((spec, i) => {
      const { pipeline, layout } = compiled.get(spec.kernel.key)!;
      const entries: GPUBindGroupEntry[] = [];
      const bind = (resource: GPUBufferBinding) => entries.push({ binding: entries.length, resource });
      if (spec.kernel.dims.length > 0) {
        spec.kernel.dims.forEach((name, k) => {
          const value = spec.dims?.[name];
          if (value === undefined || !Number.isInteger(value)) throw new Error(`${spec.label}: ${name} is ${value}.`);
          block[(i * stride) / 4 + k] = value;
        });
        bind({ buffer: dims.buffer, offset: i * stride, size: Math.ceil((4 * spec.kernel.dims.length) / 16) * 16 });
      }
      if (spec.kernel.hyper) bind({ buffer: this.hyper.buffer, offset: this.hyper.offset, size: HYPER_BYTES });
      for (const { name } of spec.kernel.buffers) bind(spec.buffers[name]);
      return { pipeline, group: device.createBindGroup({ layout, entries, label: spec.label }), grid: spec.grid };
    });
    device.queue.writeBuffer(dims.buffer, 0, block);
  }

  /** Encodes dispatches first … last − 1 into a pass. */
  encode(pass: GPUComputePassEncoder, first = 0, last = this.#ready.length): void {
    for (let i = first; i < last; i++) {
      const { pipeline, group, grid } = this.#ready[i];
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
    }
  }

  /**
   * Runs the list once with a timestamp around every dispatch; buffers of its own, not for the step.
   * @throws Error where the device has no timestamp queries.
   */
  async profile(): Promise<ProfileRow[]> {
    const device = this.cache.device;
    if (!device.features.has('timestamp-query'))
      throw new Error('This GPU has no timestamp queries, so its kernels cannot be profiled.');
    const count = this.#ready.length;
    const queries = device.createQuerySet({ type: 'timestamp', count: 2 * count });
    const resolved = device.createBuffer({
      size: 16 * count,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    });
    const encoder = device.createCommandEncoder();
    for (let i = 0; i < count; i++) {
      const pass = encoder.beginComputePass({
        timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 2 * i, endOfPassWriteIndex: 2 * i + 1 },
      });
      this.encode(pass, i, i + 1);
      pass.end();
    }
    encoder.resolveQuerySet(queries, 0, 2 * count, resolved, 0);
    device.queue.submit([encoder.finish()]);
    const times = new BigInt64Array(await this.memory.read({ buffer: resolved, offset: 0, size: 16 * count }));
    queries.destroy();
    resolved.destroy();
    return this.#specs.map((spec, i) => ({
      label: spec.label,
      kernel: spec.kernel.key,
      seconds: Number(times[2 * i + 1] - times[2 * i]) / 1e9,
      flops: spec.flops ?? 0,
    }));
  }

  dispose(): void {
    if (this.#dims) this.memory.release(this.#dims);
    this.#dims = null;
    this.#ready = [];
  }
}
