/**
 * One contender in a process of its own: opens the GPU, then answers the parent's requests one at a time over IPC. Between
 * requests it is idle, so that contenders can be measured in turns and share whatever else goes on on the machine.
 */
import { provideGpu } from '../src/cli/nodeGpu.ts';
import { isSoftwareAdapter } from '../src/engine/softwareAdapter.ts';
import type { Contender, ProfileRow } from './contenders/contender.ts';
import type { MatmulRate } from './contenders/matmul.ts';
import { gpuCounts, watchGpu } from './probe.ts';
import { CONFIGURATIONS, type Configuration } from './workload.ts';

export type ContenderName = 'studio' | 'stock' | 'jax-js' | 'matmul';

export interface Opened {
  adapter: string;
  software: boolean;
  /** Milliseconds from nothing to the first step's loss, shader compilation included. */
  firstStepMs: number;
  /** Of the first steps, one by one. */
  losses: number[];
}

export interface Measured {
  /** Wall time of a step, in steps enqueued together and then awaited. */
  msPerStep: number;
  /** Time of the thread that enqueues. */
  hostMsPerStep: number;
  dispatchesPerStep: number;
  submitsPerStep: number;
  bytes: number;
  peakBytes: number;
}

export type ToContender =
  | { type: 'open'; contender: ContenderName; configuration: string; lossSteps: number }
  | { type: 'steps'; count: number }
  | { type: 'rates'; milliseconds: number }
  | { type: 'profile' };
export type FromContender =
  | { type: 'opened'; result: Opened }
  | { type: 'measured'; result: Measured }
  | { type: 'rates'; result: MatmulRate[] }
  | { type: 'profile'; result: ProfileRow[] | null }
  | { type: 'failed'; message: string };

const now = () => performance.now();

async function adapterInfo(): Promise<Pick<Opened, 'adapter' | 'software'>> {
  const info = (await navigator.gpu.requestAdapter())?.info;
  const adapter = info ? info.description || `${info.vendor} ${info.architecture}` : 'none';
  return { adapter, software: isSoftwareAdapter({ description: adapter, device: info?.device }) };
}

async function makeContender(name: 'studio' | 'stock' | 'jax-js', configuration: Configuration): Promise<Contender> {
  if (name === 'jax-js') return (await import('./contenders/jax.ts')).jaxContender(configuration);
  const [{ openDevice }, { engineContender }] = await Promise.all([
    import('../src/engine/device.ts'),
    import('./contenders/engine.ts'),
  ]);
  const gpu = await openDevice();
  gpu.onFailure((error) => {
    throw error;
  });
  return engineContender(name, gpu, configuration);
}

/** Serves the parent until it disconnects. */
export async function serveContender(): Promise<void> {
  await provideGpu();
  watchGpu();
  let contender: Contender | null = null;
  let matmul: { measure(milliseconds: number): Promise<MatmulRate[]> }[] = [];
  let index = 0;

  const answer = async (request: ToContender): Promise<FromContender> => {
    switch (request.type) {
      case 'open': {
        const info = await adapterInfo();
        const start = now();
        if (request.contender === 'matmul') {
          const [{ openDevice }, { MatmulBench }] = await Promise.all([
            import('../src/engine/device.ts'),
            import('./contenders/matmul.ts'),
          ]);
          const gpu = await openDevice();
          matmul = [];
          for (const n of info.software ? [512] : [512, 2048, 4096]) matmul.push(await MatmulBench.open(gpu, n));
          return { type: 'opened', result: { ...info, firstStepMs: now() - start, losses: [] } };
        }
        const configuration = CONFIGURATIONS.find(({ name }) => name === request.configuration);
        if (!configuration) throw new Error(`There is no configuration "${request.configuration}".`);
        contender = await makeContender(request.contender, configuration);
        const losses: number[] = [];
        let firstStepMs = 0;
        while (index < request.lossSteps) {
          contender.step(index++);
          losses.push(await contender.loss());
          firstStepMs ||= now() - start;
        }
        return { type: 'opened', result: { ...info, firstStepMs, losses } };
      }
      case 'steps': {
        const before = gpuCounts();
        const start = now();
        for (let i = 0; i < request.count; i++) contender!.step(index++);
        const host = now() - start;
        await contender!.settle();
        const wall = now() - start;
        const after = gpuCounts();
        const each = (total: number) => total / request.count;
        return {
          type: 'measured',
          result: {
            msPerStep: each(wall),
            hostMsPerStep: each(host),
            dispatchesPerStep: each(after.dispatches - before.dispatches),
            submitsPerStep: each(after.submits - before.submits),
            bytes: after.bytes,
            peakBytes: after.peakBytes,
          },
        };
      }
      case 'rates': {
        const rates: MatmulRate[] = [];
        for (const bench of matmul) rates.push(...(await bench.measure(request.milliseconds)));
        return { type: 'rates', result: rates };
      }
      case 'profile':
        return { type: 'profile', result: (await contender?.profile?.()) ?? null };
    }
  };

  process.on('message', (request: ToContender) => {
    answer(request).then(
      (result) => process.send!(result),
      (error: unknown) =>
        process.send!({
          type: 'failed',
          message: error instanceof Error ? error.message : String(error),
        } satisfies FromContender),
    );
  });
  // Exits at once: Dawn's polling would keep the process alive.
  process.on('disconnect', () => process.exit(0));
}
