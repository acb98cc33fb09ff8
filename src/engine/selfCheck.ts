/**
 * The self-check of a GPU: a few fixture steps on the studio engine, with every tile that it may choose there, and on stock tfjs,
 * compared with numbers that PyTorch computed in float64. A GPU or driver that computes wrongly is found before it trains anything.
 *
 * The report also holds the adapter, its limits and a speed table, so that a user can send one file.
 */
import type { Engine, Progress } from './api.ts';
import type { Gpu, GpuLimits } from './device.ts';
import { HYPER_BYTES, packHyper } from './gpu/kernel.ts';
import { GpuMemory } from './gpu/memory.ts';
import { pipelineCacheOf } from './gpu/pipelines.ts';
import { Recording } from './gpu/recording.ts';
import { timeRecording } from './gpu/timing.ts';
import { TILED_SHAPES, type Tile, type TiledTile } from './kernels/tile.ts';
import type { ConvLayer } from '../domain/network.ts';
import { StockEngine } from './stock/stockEngine.ts';
import { forwardDispatches } from './studio/convDispatch.ts';
import { convFlops, filterVectors, winogradFits } from './studio/convSizes.ts';
import { broadcastLanes, defaultTile } from './studio/defaultTiles.ts';
import { neutralHyper } from './studio/hyper.ts';
import { pad4 } from './studio/parameters.ts';
import { StudioEngine } from './studio/studioEngine.ts';
import { checkFixture, type FixtureReport } from './selfCheck/fixtureCheck.ts';
import type { Fixture } from './selfCheck/fixtureFile.ts';

export interface CheckResult extends Omit<FixtureReport, 'groups'> {
  /** What ran: "studio", "studio, 64×64 tiles", "stock tfjs". */
  engine: string;
  groups: FixtureReport['groups'] | null;
  /** Why there are no numbers; null where there are. */
  error: string | null;
}

export interface SpeedRow {
  kernel: string;
  milliseconds: number;
  gflops: number;
}

export interface DeviceReport {
  format: 'relu-studio/device-report';
  version: 1;
  date: string;
  adapter: {
    vendor: string;
    architecture: string;
    description: string;
    software: boolean;
    kernels: Gpu['kernels'];
    features: string[];
    limits: GpuLimits;
  };
  passed: boolean;
  checks: CheckResult[];
  /** Errors of the device during the check. */
  errors: string[];
  /** Forward 3×3 convolution, 64 → 64 channels at 16×16, batch 16, by tile. */
  speed: SpeedRow[];
}

/** Parts of a sum where a check forces a tile, so that the second passes run too. */
const SPLITS = 3;

async function runCheck(
  fixture: Fixture,
  engine: string,
  make: (settings: Engine['settings']) => Engine,
): Promise<CheckResult> {
  const made: Engine[] = [];
  try {
    const report = await checkFixture(fixture, (settings) => {
      const created = make(settings);
      made.push(created);
      return created;
    });
    return { engine, error: null, ...report };
  } catch (error) {
    return { engine, fixture: fixture.name, passed: false, groups: null, error: (error as Error).message };
  } finally {
    for (const created of made) created.dispose();
  }
}

const SPEED_LAYER: ConvLayer = {
  kind: 'conv',
  name: 'speed',
  input: 'x',
  output: 'y',
  skip: null,
  in: { channels: 64, height: 16, width: 16 },
  out: { channels: 64, height: 16, width: 16 },
  kernel: 3,
  stride: 1,
  stage: 1,
};
const SPEED_BATCH = 16;

async function speedTable(gpu: Gpu): Promise<SpeedRow[]> {
  const memory = new GpuMemory(gpu.device);
  const rows: SpeedRow[] = [];
  try {
    const hyper = memory.allocate(HYPER_BYTES, 'hyper', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    gpu.device.queue.writeBuffer(hyper.buffer, 0, packHyper(neutralHyper()));
    const { in: i, out: o } = SPEED_LAYER;
    const bytes = ({ channels, height, width }: typeof i) => 4 * SPEED_BATCH * height * width * pad4(channels);
    const x = memory.allocate(bytes(i), 'speed x');
    const y = memory.allocate(bytes(o), 'speed y');
    const w = memory.allocate(16 * filterVectors(SPEED_LAYER), 'speed weights');
    const lanes = broadcastLanes(gpu);
    const tiles: Tile[] = [
      ...(gpu.kernels === 'software' ? [defaultTile('software', lanes, 'forward', SPEED_LAYER, SPEED_BATCH)] : []),
      ...TILED_SHAPES.map(({ m, n }): Tile => ({ kind: 'tiled', m, n, splits: 1 })),
    ];
    for (const tile of tiles) {
      const recording = new Recording(memory, pipelineCacheOf(gpu.device), hyper);
      for (const spec of forwardDispatches(SPEED_LAYER, SPEED_BATCH, tile, { x, w, y })) recording.add(spec);
      await recording.compile();
      const seconds = await timeRecording(gpu.device, recording);
      rows.push({
        kernel: recording.specs[0].kernel.key,
        milliseconds: 1000 * seconds,
        gflops: convFlops(SPEED_LAYER, SPEED_BATCH) / seconds / 1e9,
      });
      recording.dispose();
    }
    return rows;
  } finally {
    memory.dispose();
  }
}

type EngineMaker = (settings: Engine['settings']) => Engine;

interface Check {
  engine: string;
  fixture: Fixture;
  make: EngineMaker;
}

/** The studio engine as it would train here on every fixture, then with every tile on the first one. */
function studioTasks(gpu: Gpu, fixtures: readonly Fixture[]): Check[] {
  const asHardware: Gpu = { ...gpu, kernels: 'hardware' };
  return [
    ...fixtures.map((fixture): Check => ({
      engine: 'studio',
      fixture,
      make: (settings) => new StudioEngine(gpu, settings),
    })),
    ...TILED_SHAPES.map(({ m, n }): Check => {
      const tiles = (): Tile => ({ kind: 'tiled', m, n, splits: SPLITS });
      return {
        engine: `studio, ${m}×${n} tiles`,
        fixture: fixtures[0],
        make: (settings) => new StudioEngine(asHardware, settings, { tiles }),
      };
    }),
    {
      engine: 'studio, Winograd',
      fixture: fixtures[0],
      make: (settings) => {
        const product: TiledTile = { kind: 'tiled', m: 64, n: 32, splits: 1 };
        return new StudioEngine(asHardware, settings, {
          tiles: (role, layer) => (winogradFits(role, layer) ? { kind: 'winograd', product } : product),
        });
      },
    },
  ];
}

async function runAll(tasks: readonly Check[], onProgress?: (done: number) => void): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { engine, fixture, make } of tasks) {
    onProgress?.(results.length);
    results.push(await runCheck(fixture, engine, make));
  }
  onProgress?.(results.length);
  return results;
}

/** The checks of the studio engine alone, up to the first that fails. @param only engines by name ("studio, 64×64 tiles") */
export async function studioChecks(
  gpu: Gpu,
  fixtures: readonly Fixture[],
  only: (engine: string) => boolean = () => true,
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const { engine, fixture, make } of studioTasks(gpu, fixtures).filter((task) => only(task.engine))) {
    results.push(await runCheck(fixture, engine, make));
    if (!results[results.length - 1].passed) break;
  }
  return results;
}

/**
 * Runs the check. Does not throw for a wrong or failing GPU: the report says so.
 * @param fixtures the first one also runs with every tile and on stock tfjs
 */
export async function selfCheck(gpu: Gpu, fixtures: readonly Fixture[], onProgress?: Progress): Promise<DeviceReport> {
  const stock: Check = {
    engine: 'stock tfjs',
    fixture: fixtures[0],
    make: (settings) => new StockEngine(gpu, settings, { inspect: true }),
  };
  const tasks = [...studioTasks(gpu, fixtures), stock];
  const checks = await runAll(tasks, (done) => onProgress?.(done, tasks.length + 1));
  const errors: string[] = [];
  const speed = await speedTable(gpu).catch((error: unknown) => {
    errors.push((error as Error).message);
    return [];
  });
  const failure = gpu.failure();
  if (failure) errors.push(failure.message);
  onProgress?.(tasks.length + 1, tasks.length + 1);
  const { vendor, architecture, description, software, kernels, features, limits } = gpu;
  return {
    format: 'relu-studio/device-report',
    version: 1,
    date: new Date().toISOString(),
    adapter: { vendor, architecture, description, software, kernels, features, limits },
    passed: errors.length === 0 && checks.every(({ passed }) => passed),
    checks,
    errors,
    speed,
  };
}

/** The first failed check in one sentence; null where all passed. */
export function failureText({ checks, errors }: DeviceReport): string | null {
  const failed = checks.find(({ passed }) => !passed);
  if (!failed) return errors[0] ?? null;
  if (!failed.groups) return `${failed.engine} on ${failed.fixture}: ${failed.error}`;
  const [group, { error, tensor, tolerance }] = Object.entries(failed.groups).find(([, { passed }]) => !passed)!;
  return `${failed.engine} on ${failed.fixture}: ${group} differs from PyTorch by ${error.toExponential(1)} in ${tensor} (at most ${tolerance}).`;
}
