/**
 * Hands recorded lists to the GPU: writes the numbers that change, encodes, submits. Makes nothing but command buffers.
 */
import type { Gpu } from '../device.ts';
import { HYPER_BYTES, packHyper, type HyperValues } from '../gpu/kernel.ts';
import type { GpuMemory, Slice } from '../gpu/memory.ts';
import type { Recording } from '../gpu/recording.ts';

/** How long a failed operation waits for `device.lost`, milliseconds. */
const LOST_TIMEOUT_MS = 200;

/** A long submit on a software rasteriser looks like a hang to the browser: lists are cut at about so many operations. */
const SOFTWARE_SUBMIT_FLOPS = 4e9;

export class Submitter {
  readonly hyper: Slice;

  constructor(
    private readonly gpu: Gpu,
    memory: GpuMemory,
  ) {
    this.hyper = memory.allocate(HYPER_BYTES, 'hyper', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  }

  /** @throws GpuError once the device has failed */
  check(): void {
    const failure = this.gpu.failure();
    if (failure) throw failure;
  }

  /**
   * What came back from the GPU, once the device is known to be sound. After a loss the operation fails too, with an error that says
   * less than the device's own.
   * @throws GpuError once the device has failed
   */
  async guard<T>(work: Promise<T>): Promise<T> {
    let result: T;
    try {
      result = await work;
    } catch (cause) {
      await Promise.race([this.gpu.device.lost, new Promise((resolve) => setTimeout(resolve, LOST_TIMEOUT_MS))]);
      this.check();
      throw cause;
    }
    this.check();
    return result;
  }

  write(hyper: HyperValues): void {
    this.gpu.device.queue.writeBuffer(this.hyper.buffer, 0, packHyper(hyper));
  }

  /** Submits recordings in order; on software GPUs in pieces that the browser's watchdog accepts. */
  submit(...recordings: Recording[]): number {
    const { device } = this.gpu;
    let encoder = device.createCommandEncoder();
    let pass = encoder.beginComputePass();
    let work = 0;
    let count = 0;
    for (const recording of recordings) {
      if (!recording.compiled) recording.compileNow();
      count += recording.length;
      if (!this.gpu.software) {
        recording.encode(pass);
        continue;
      }
      recording.specs.forEach((spec, i) => {
        recording.encode(pass, i, i + 1);
        work += spec.flops ?? 0;
        if (work < SOFTWARE_SUBMIT_FLOPS) return;
        pass.end();
        device.queue.submit([encoder.finish()]);
        encoder = device.createCommandEncoder();
        pass = encoder.beginComputePass();
        work = 0;
      });
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
    return count;
  }

  async settle(): Promise<void> {
    await this.guard(this.gpu.device.queue.onSubmittedWorkDone());
  }
}
