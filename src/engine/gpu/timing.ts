/**
 * GPU time of recorded dispatches: by timestamp queries where the device has them, else by the wall clock around a submit.
 */
import type { Recording } from './recording.ts';

/** A measurement repeats the list until it has run at least this long; shorter ones are dominated by the clock and the queue. */
const LEAST_SECONDS = 2e-3;
const MOST_REPEATS = 64;
const ROUNDS = 3;

async function onePass(device: GPUDevice, recording: Recording, repeats: number): Promise<number> {
  const timed = device.features.has('timestamp-query');
  const queries = timed ? device.createQuerySet({ type: 'timestamp', count: 2 }) : null;
  const resolved = timed
    ? device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC })
    : null;
  const staging = timed
    ? device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
    : null;
  try {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(
      queries
        ? { timestampWrites: { querySet: queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } }
        : undefined,
    );
    for (let i = 0; i < repeats; i++) recording.encode(pass);
    pass.end();
    if (queries && resolved && staging) {
      encoder.resolveQuerySet(queries, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
    }
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    const wall = (performance.now() - start) / 1000;
    if (!staging) return wall / repeats;
    await staging.mapAsync(GPUMapMode.READ);
    const [began, ended] = new BigUint64Array(staging.getMappedRange());
    const seconds = Number(ended - began) / 1e9;
    // Some drivers return zeros or wrapped counters: the wall clock is then the better measure.
    return (seconds > 0 && seconds <= wall ? seconds : wall) / repeats;
  } finally {
    queries?.destroy();
    resolved?.destroy();
    staging?.destroy();
  }
}

/**
 * Seconds of one run of a compiled recording: the least of a few rounds after a warm-up, each long enough to be measured.
 * Makes buffers of its own; not for the training step.
 */
export async function timeRecording(device: GPUDevice, recording: Recording): Promise<number> {
  const first = await onePass(device, recording, 1);
  const repeats = Math.min(MOST_REPEATS, Math.max(1, Math.ceil(LEAST_SECONDS / Math.max(first, 1e-7))));
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) best = Math.min(best, await onePass(device, recording, repeats));
  return best;
}
