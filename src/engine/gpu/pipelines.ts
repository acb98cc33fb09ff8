/**
 * Compiled kernels by their key, one cache for each device: kernels of the same structure share a pipeline whatever the shapes, and a
 * later engine finds what an earlier one compiled.
 */
import type { Kernel } from './kernel.ts';

export interface CompiledKernel {
  pipeline: GPUComputePipeline;
  layout: GPUBindGroupLayout;
}

/** Pipelines by kernel key; one for each device. */
export class PipelineCache {
  #ready = new Map<string, CompiledKernel>();
  #pending = new Map<string, Promise<CompiledKernel>>();
  #sources = new Map<string, string>();

  constructor(readonly device: GPUDevice) {}

  get size(): number {
    return this.#sources.size;
  }

  /** Compiles in the background, once per key. */
  get(kernel: Kernel): Promise<CompiledKernel> {
    const ready = this.#known(kernel);
    if (ready) return Promise.resolve(ready);
    let pending = this.#pending.get(kernel.key);
    if (!pending) {
      const { layout, descriptor } = this.#describe(kernel);
      pending = this.device.createComputePipelineAsync(descriptor).then((pipeline) => {
        const compiled = { pipeline, layout };
        this.#ready.set(kernel.key, compiled);
        this.#pending.delete(kernel.key);
        return compiled;
      });
      this.#pending.set(kernel.key, pending);
    }
    return pending;
  }

  /** Compiles at once: for the few kernels that are known only when data or a teacher arrives. */
  getNow(kernel: Kernel): CompiledKernel {
    const ready = this.#known(kernel);
    if (ready) return ready;
    const { layout, descriptor } = this.#describe(kernel);
    const compiled = { pipeline: this.device.createComputePipeline(descriptor), layout };
    this.#ready.set(kernel.key, compiled);
    return compiled;
  }

  #known(kernel: Kernel): CompiledKernel | undefined {
    const source = this.#sources.get(kernel.key);
    if (source !== undefined && source !== kernel.code) throw new Error(`Two kernels share the key ${kernel.key}.`);
    this.#sources.set(kernel.key, kernel.code);
    return this.#ready.get(kernel.key);
  }

  #describe(kernel: Kernel): { layout: GPUBindGroupLayout; descriptor: GPUComputePipelineDescriptor } {
    const entries: GPUBindGroupLayoutEntry[] = [];
    const add = (type: GPUBufferBindingType) =>
      entries.push({ binding: entries.length, visibility: GPUShaderStage.COMPUTE, buffer: { type } });
    if (kernel.dims.length > 0) add('uniform');
    if (kernel.hyper) add('uniform');
    for (const { access } of kernel.buffers) add(access === 'read' ? 'read-only-storage' : 'storage');
    const layout = this.device.createBindGroupLayout({ entries, label: kernel.key });
    return {
      layout,
      descriptor: {
        label: kernel.key,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: {
          module: this.device.createShaderModule({ code: kernel.code, label: kernel.key }),
          entryPoint: 'main',
        },
      },
    };
  }
}

const caches = new WeakMap<GPUDevice, PipelineCache>();

/** The device's cache. Pipelines outlive engines: a new phase with the same kernels compiles nothing. */
export function pipelineCacheOf(device: GPUDevice): PipelineCache {
  let cache = caches.get(device);
  if (!cache) caches.set(device, (cache = new PipelineCache(device)));
  return cache;
}
