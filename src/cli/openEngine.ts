/** Opens the GPU in Node and creates engines on it. Loads tfjs, so only commands that compute import it. */
import type { Gpu } from '../engine/device.ts';
import type { Engine, EngineSettings, Progress } from '../engine/api.ts';
import type { EngineKind } from '../engine/createEngine.ts';
import { provideGpu } from './nodeGpu.ts';
import { tuningFile } from './tuningFile.ts';

export interface OpenedGpu {
  gpu: Gpu;
  /** The engine that training runs on, tuned on devices where that pays. */
  createEngine: (settings: EngineSettings, onTuning?: Progress) => Promise<Engine>;
  /** An engine by name, untuned: the oracle for checks. */
  createEngineOf: (kind: EngineKind, settings: EngineSettings) => Engine;
}

/** @throws GpuError with one sentence if there is no adapter. */
export async function openGpu(): Promise<OpenedGpu> {
  await provideGpu();
  // tfjs looks for navigator.gpu when it is loaded.
  const [device, engines] = await Promise.all([import('../engine/device.ts'), import('../engine/createEngine.ts')]);
  const gpu = await device.openDevice();
  return {
    gpu,
    createEngine: (settings, onTuning) => engines.createTunedEngine(gpu, settings, tuningFile, onTuning),
    createEngineOf: (kind, settings) => engines.createEngine(kind, gpu, settings),
  };
}

/** The adapter as text. */
export const adapterText = ({ description, software }: Gpu): string =>
  software ? `${description} (software, slow)` : description;
