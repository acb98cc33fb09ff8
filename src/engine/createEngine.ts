/**
 * The engines by name. `studio` is what training runs on; `stock` is tfjs's own ops, for tests and benchmarks: an oracle, not a
 * setting of experiments.
 */
import type { Engine, EngineSettings, Progress, TuningStore } from './api.ts';
import type { Gpu } from './device.ts';
import { pipelineCacheOf } from './gpu/pipelines.ts';
import { StudioEngine } from './studio/studioEngine.ts';
import { tileSignature } from './studio/tileSignature.ts';
import { tunedTiles } from './studio/tuning.ts';
import { StockEngine } from './stock/stockEngine.ts';

export type EngineKind = 'studio' | 'stock';

export interface EngineOptions {
  /** Gradients and logits of the last step are wanted (tests); the stock engine keeps them only then. */
  inspect?: boolean;
}

/**
 * The engine that training asks for: tiles tuned on this device first, where that pays and a store remembers them.
 * @param onTuning shapes measured, of how many
 */
export async function createTunedEngine(
  gpu: Gpu,
  settings: EngineSettings,
  store: TuningStore,
  onTuning?: Progress,
): Promise<Engine> {
  const batch = Math.min(settings.microBatch ?? settings.batch, settings.batch);
  const tiles = await tunedTiles(gpu, pipelineCacheOf(gpu.device), settings.network, batch, store, {
    progress: onTuning,
    evaluationOnly: settings.evaluationOnly,
  });
  const engine = new StudioEngine(gpu, settings, { tiles });
  return tiles ? Object.assign(engine, { tiles: tileSignature(tiles, settings.network, batch) }) : engine;
}

export function createEngine(
  kind: EngineKind,
  gpu: Gpu,
  settings: EngineSettings,
  options: EngineOptions = {},
): Engine {
  if (kind === 'stock') return new StockEngine(gpu, settings, options);
  return new StudioEngine(gpu, settings);
}
