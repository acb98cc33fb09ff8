/**
 * The engines by name. `studio` is what training runs on; `stock` is tfjs's own ops, for tests and benchmarks.
 */
import type { Engine, EngineSettings } from './api.ts';
import type { Gpu } from './device.ts';
import { StudioEngine } from './studio/studioEngine.ts';
import { StockEngine } from './stock/stockEngine.ts';

export type EngineKind = 'studio' | 'stock';

export interface EngineOptions {
  /** Gradients and logits of the last step are wanted (tests); the stock engine keeps them only then. */
  inspect?: boolean;
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
