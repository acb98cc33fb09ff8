/**
 * Picks the tile of every convolution by short measurements on the device at hand, once; the result is remembered by device and shape.
 *
 * For each distinct (role, shape) every candidate runs a few times on scratch buffers; the fastest stays. On software GPUs a candidate
 * takes longer to compile than it could ever win, so there the defaults stand and nothing is measured.
 *
 * What was tuned is part of the device: tiles of different kinds add in different orders, so that a run repeats bit for bit only while the
 * remembered choices stay.
 */
import { INPUT, layersOf, type ConvLayer, type NetworkSpec } from '../../domain/network.ts';
import type { Progress, TuningStore } from '../api.ts';
import type { Gpu } from '../device.ts';
import { HYPER_BYTES, packHyper } from '../gpu/kernel.ts';
import { GpuMemory, type Slice } from '../gpu/memory.ts';
import type { PipelineCache } from '../gpu/pipelines.ts';
import { Recording, type DispatchSpec } from '../gpu/recording.ts';
import type { Tile } from '../kernels/tile.ts';
import { filterGradientDispatch, filterGradientSize, forwardDispatch, inputGradientDispatch } from './convDispatch.ts';
import { defaultTile } from './defaultTiles.ts';
import type { ConvRole } from './geometry.ts';
import { neutralHyper } from './hyper.ts';
import { pad4 } from './parameters.ts';
import type { TileChoice } from './planForward.ts';

/** Raised where kernels change so that old measurements no longer mean them. */
const VERSION = 1;
const REPEATS = 4;

type Remembered = Record<string, Tile>;

const isTile = (value: unknown): value is Tile => {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'tiled') return true;
  const { kind, pixels, groups, lanes } = value as Record<string, unknown>;
  return (
    kind === 'direct' &&
    [pixels, groups, lanes].every((n) => typeof n === 'number' && Number.isInteger(n) && n >= 0 && n <= 64)
  );
};

/** What was remembered for this device; anything unreadable counts as nothing. */
async function recall(store: TuningStore, device: string): Promise<Record<string, Remembered>> {
  try {
    const parsed: unknown = JSON.parse((await store.read()) ?? '{}');
    if (
      typeof parsed !== 'object' ||
      parsed === null ||
      !('version' in parsed) ||
      parsed.version !== VERSION ||
      !('devices' in parsed)
    )
      return {};
    const devices = parsed.devices as Record<string, unknown>;
    const known = devices[device];
    if (typeof known === 'object' && known !== null && !Object.values(known).every(isTile)) delete devices[device];
    return devices as Record<string, Remembered>;
  } catch {
    return {};
  }
}

const keyOf = (role: ConvRole, { in: i, out: o, kernel, stride }: ConvLayer, batch: number): string =>
  `${role} ${batch}×${i.channels}×${i.height}×${i.width}→${o.channels} k${kernel}s${stride}`;

/** Tiles worth trying on a real GPU. */
export function candidatesFor(role: ConvRole, layer: ConvLayer): Tile[] {
  const out4 = pad4(role === 'input gradient' ? layer.in.channels : layer.out.channels) / 4;
  const direct = (pixels: number, groups: number): Tile => ({ kind: 'direct', pixels, groups, lanes: 0 });
  if (role === 'input gradient' && layer.stride === 2)
    return [direct(1, 1), direct(2, 1), ...(out4 > 1 ? [direct(1, 2), direct(2, 2)] : [])];
  const narrow = [direct(4, 1), ...(out4 > 1 ? [direct(4, 2)] : [])];
  if (role === 'filter gradient') return [{ kind: 'tiled' }, direct(2, 1), ...narrow];
  return [{ kind: 'tiled' }, ...narrow, ...(out4 > 1 ? [direct(8, 2), direct(2, 2)] : [direct(8, 1)])];
}

interface Task {
  key: string;
  role: ConvRole;
  layer: ConvLayer;
}

/** Distinct shapes of a network, in forward order. */
function tasksOf(network: NetworkSpec, batch: number): Task[] {
  const tasks = new Map<string, Task>();
  for (const layer of layersOf(network)) {
    if (layer.kind !== 'conv') continue;
    const roles: ConvRole[] =
      layer.input === INPUT ? ['forward', 'filter gradient'] : ['forward', 'input gradient', 'filter gradient'];
    for (const role of roles) {
      const key = keyOf(role, layer, batch);
      if (!tasks.has(key)) tasks.set(key, { key, role, layer });
    }
  }
  return [...tasks.values()];
}

const bytesOf = (shape: { channels: number; height: number; width: number }, batch: number) =>
  4 * batch * shape.height * shape.width * pad4(shape.channels);

/** The fastest candidate of one task: minimum of a few runs after a warm-up, by the wall clock around a submit of all repeats. */
async function measure(gpu: Gpu, cache: PipelineCache, task: Task, batch: number): Promise<Tile> {
  const { role, layer } = task;
  const memory = new GpuMemory(gpu.device);
  try {
    const hyper = memory.allocate(HYPER_BYTES, 'hyper', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    gpu.device.queue.writeBuffer(hyper.buffer, 0, packHyper(neutralHyper()));
    const { length, slices } = filterGradientSize(layer, batch);
    const x = memory.allocate(bytesOf(layer.in, batch), 'tuning x');
    const y = memory.allocate(bytesOf(layer.out, batch), 'tuning y');
    const w = memory.allocate(16 * length * (role === 'filter gradient' ? slices : 1), 'tuning weights');
    const dispatchOf = (tile: Tile): DispatchSpec => dispatchFor(role, layer, batch, tile, { x, y, w });
    let best: { tile: Tile; seconds: number } | null = null;
    for (const tile of candidatesFor(role, layer)) {
      const recording = new Recording(memory, cache, hyper);
      for (let i = 0; i < REPEATS; i++) recording.add(dispatchOf(tile));
      await recording.compile();
      let seconds = Infinity;
      for (let round = 0; round < 3; round++) {
        const encoder = gpu.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        recording.encode(pass, 0, round === 0 ? 1 : REPEATS);
        pass.end();
        const start = performance.now();
        gpu.device.queue.submit([encoder.finish()]);
        await gpu.device.queue.onSubmittedWorkDone();
        if (round > 0) seconds = Math.min(seconds, (performance.now() - start) / 1000);
      }
      recording.dispose();
      if (!best || seconds < best.seconds) best = { tile, seconds };
    }
    return best!.tile;
  } finally {
    memory.dispose();
  }
}

function dispatchFor(
  role: ConvRole,
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  { x, y, w }: { x: Slice; y: Slice; w: Slice },
): DispatchSpec {
  if (role === 'forward') return forwardDispatch(layer, batch, tile, { x, w, y });
  if (role === 'input gradient') return inputGradientDispatch(layer, batch, tile, 0, { dy: y, w, dx: x });
  return filterGradientDispatch(layer, batch, tile, { x, dy: y, partial: w });
}

/**
 * The tiles of a network at a batch: remembered ones, and measured ones for shapes that are new to this device.
 * @param force measure on software GPUs too (tests)
 * @returns undefined where the defaults stand
 */
export async function tunedTiles(
  gpu: Gpu,
  cache: PipelineCache,
  network: NetworkSpec,
  batch: number,
  store: TuningStore,
  progress?: Progress,
  force = false,
): Promise<TileChoice | undefined> {
  if (gpu.software && !force) return undefined;
  const device = [gpu.vendor, gpu.architecture, gpu.description].join(' ');
  const devices = await recall(store, device);
  const known: Remembered = { ...devices[device] };
  const missing = tasksOf(network, batch).filter(({ key }) => !(key in known));
  for (const [i, task] of missing.entries()) {
    progress?.(i, missing.length);
    known[task.key] = await measure(gpu, cache, task, batch);
  }
  if (missing.length > 0) {
    progress?.(missing.length, missing.length);
    await store.write(JSON.stringify({ version: VERSION, devices: { ...devices, [device]: known } }));
  }
  return (role, layer, at) => known[keyOf(role, layer, at)] ?? defaultTile(role, layer, 0, gpu.software);
}
