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
import { timeRecording } from '../gpu/timing.ts';
import { TILED_SHAPES, type Tile } from '../kernels/tile.ts';
import { filterGradientDispatches, forwardDispatches, inputGradientDispatches } from './convDispatch.ts';
import { filterVectors, scratchVectors } from './convSizes.ts';
import { broadcastLanes, defaultTile, rankedTiles } from './defaultTiles.ts';
import type { ConvRole } from './geometry.ts';
import { neutralHyper } from './hyper.ts';
import { pad4 } from './parameters.ts';
import type { TileChoice } from './planForward.ts';

/** Raised where kernels change so that old measurements no longer mean them. */
const VERSION = 2;

type Remembered = Record<string, Tile>;

const isTile = (value: unknown): value is Tile => {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'tiled') {
    const { m, n, splits } = value as Record<string, unknown>;
    return (
      TILED_SHAPES.some((shape) => shape.m === m && shape.n === n) && Number.isInteger(splits) && Number(splits) >= 1
    );
  }
  if (value.kind === 'winograd')
    return 'product' in value && isTile(value.product) && value.product.kind !== 'winograd';
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

/** Best tiles of the cost model that are measured, and their kinds: the model may be wrong about splits, or about a tile's rate. */
const TRIED = 4;

/** Tiles worth trying on a GPU. */
export function candidatesFor(role: ConvRole, layer: ConvLayer, batch: number): Tile[] {
  const ranked = rankedTiles(role, layer, batch);
  const shapeOf = (tile: (typeof ranked)[number]) =>
    tile.kind === 'winograd' ? `winograd ${tile.product.m}×${tile.product.n}` : `${tile.m}×${tile.n}`;
  const shapes = new Set(ranked.slice(0, TRIED).map(shapeOf));
  // The best of other shapes, so that one wrong constant of the model cannot hide a shape.
  const others = ranked.filter((tile) => {
    const isNew = !shapes.has(shapeOf(tile));
    shapes.add(shapeOf(tile));
    return isNew;
  });
  const narrow = Math.min(layer.in.channels, layer.out.channels) <= 16;
  const direct: Tile[] = narrow ? [{ kind: 'direct', pixels: 2, groups: 1, lanes: 0 }] : [];
  return [...ranked.slice(0, TRIED), ...others.slice(0, 3), ...direct];
}

interface Task {
  key: string;
  role: ConvRole;
  layer: ConvLayer;
}

/** Distinct shapes of a network, in forward order; the roles that will run. */
function tasksOf(network: NetworkSpec, batch: number, evaluationOnly: boolean): Task[] {
  const tasks = new Map<string, Task>();
  for (const layer of layersOf(network)) {
    if (layer.kind !== 'conv') continue;
    const roles: ConvRole[] = ['forward'];
    if (!evaluationOnly) roles.push('filter gradient', ...(layer.input === INPUT ? [] : (['input gradient'] as const)));
    for (const role of roles) {
      const key = keyOf(role, layer, batch);
      if (!tasks.has(key)) tasks.set(key, { key, role, layer });
    }
  }
  return [...tasks.values()];
}

const bytesOf = (shape: { channels: number; height: number; width: number }, batch: number) =>
  4 * batch * shape.height * shape.width * pad4(shape.channels);

/** The fastest candidate of one task. */
async function measure(gpu: Gpu, cache: PipelineCache, task: Task, batch: number, most: number): Promise<Tile> {
  const { role, layer } = task;
  const memory = new GpuMemory(gpu.device);
  try {
    const hyper = memory.allocate(HYPER_BYTES, 'hyper', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    gpu.device.queue.writeBuffer(hyper.buffer, 0, packHyper(neutralHyper()));
    const candidates = candidatesFor(role, layer, batch).slice(0, most);
    const x = memory.allocate(bytesOf(layer.in, batch), 'tuning x');
    const y = memory.allocate(bytesOf(layer.out, batch), 'tuning y');
    const w = memory.allocate(16 * filterVectors(layer), 'tuning weights');
    let best: { tile: Tile; seconds: number } | null = null;
    for (const tile of candidates) {
      const recording = new Recording(memory, cache, hyper);
      const scratch = scratchVectors(role, layer, batch, tile).map((count) => memory.borrow(16 * count, 'scratch'));
      for (const spec of dispatchesFor(role, layer, batch, tile, { x, y, w, scratch })) recording.add(spec);
      await recording.compile();
      const seconds = await timeRecording(gpu.device, recording);
      recording.dispose();
      for (const slice of scratch) memory.giveBack(slice);
      if (!best || seconds < best.seconds) best = { tile, seconds };
    }
    return best!.tile;
  } finally {
    memory.dispose();
  }
}

function dispatchesFor(
  role: ConvRole,
  layer: ConvLayer,
  batch: number,
  tile: Tile,
  { x, y, w, scratch }: { x: Slice; y: Slice; w: Slice; scratch: readonly Slice[] },
): DispatchSpec[] {
  if (role === 'forward') return forwardDispatches(layer, batch, tile, { x, w, y, scratch });
  if (role === 'input gradient') return inputGradientDispatches(layer, batch, tile, 0, { dy: y, w, dx: x, scratch });
  return filterGradientDispatches(layer, batch, tile, { x, dy: y, dw: w, scratch });
}

export interface TuningOptions {
  progress?: Progress;
  /** Only forward passes will run. */
  evaluationOnly?: boolean;
  /** Measure where the software kernels run, too (tests). */
  force?: boolean;
  /** Candidates measured for each shape; all of them where it is not given. */
  most?: number;
}

/**
 * The tiles of a network at a batch: remembered ones, and measured ones for shapes that are new to this device.
 * @returns undefined where the defaults stand
 * @throws GpuError where the device failed; nothing of that measurement is remembered
 */
export async function tunedTiles(
  gpu: Gpu,
  cache: PipelineCache,
  network: NetworkSpec,
  batch: number,
  store: TuningStore,
  { progress, evaluationOnly = false, force = false, most = Infinity }: TuningOptions = {},
): Promise<TileChoice | undefined> {
  if (gpu.kernels === 'software' && !force) return undefined;
  const device = [gpu.vendor, gpu.architecture, gpu.description].join(' ');
  const devices = await recall(store, device);
  const known: Remembered = { ...devices[device] };
  const missing = tasksOf(network, batch, evaluationOnly).filter(({ key }) => !(key in known));
  for (const [i, task] of missing.entries()) {
    progress?.(i, missing.length);
    const tile = await measure(gpu, cache, task, batch, most);
    // A lost device answers at once, and would look like the fastest of all.
    const failure = gpu.failure();
    if (failure) throw failure;
    known[task.key] = tile;
  }
  if (missing.length > 0) {
    progress?.(missing.length, missing.length);
    await store.write(JSON.stringify({ version: VERSION, devices: { ...devices, [device]: known } }));
  }
  return (role, layer, at) =>
    known[keyOf(role, layer, at)] ?? defaultTile(gpu.kernels, broadcastLanes(gpu), role, layer, at);
}
