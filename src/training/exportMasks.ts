/**
 * A finished run → masks.json and model.safetensors (design: formats). Identical runs give identical files, the time stamp aside.
 *
 * The weights file holds the network's weights and batch-norm buffers, and scale and shift of shared gates (1 and 0 at
 * prototypes, where they have no part); the masks are binary by then and only in masks.json.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { budgetOf } from '../domain/composition.ts';
import type { Experiment } from '../domain/experiment.ts';
import { gateOf, type GateMap, type SiteIdMap } from '../domain/gateMap.ts';
import { sha256Hex } from '../domain/hash.ts';
import { encodeMasks, masksText, type MasksContent, type TrainedGate } from '../domain/masksFile.ts';
import { inOrder } from '../domain/methods/registry.ts';
import { parametersOf, sitesOf, type NetworkSpec } from '../domain/network.ts';
import type { HostTensor, TensorMap } from '../engine/api.ts';
import { writeSafetensors } from '../engine/weights.ts';
import { isBinary } from './binarise.ts';
import { CheckpointError } from './errors.ts';
import type { FinishedRun } from './trainer.ts';

export const WEIGHTS_FILE = 'model.safetensors';
export const MASKS_FILE = 'masks.json';

export interface ExportedFiles {
  /** Text of masks.json. */
  masks: string;
  /** Bytes of model.safetensors. */
  weights: Uint8Array<ArrayBuffer>;
}

/** The affine that takes effect: that of prototypes is (1, 0), whatever values training left there. */
function affine(tensor: HostTensor, prototypes: number[], neutral: number): HostTensor {
  const data = tensor.data.slice();
  for (const channel of prototypes) data[channel] = neutral;
  return { shape: tensor.shape, data };
}

/** The weights to write, and the trained values of each gate for the masks file. */
export function splitGateParameters(
  network: NetworkSpec,
  gates: GateMap,
  weights: TensorMap,
): { model: TensorMap; trained: SiteIdMap<TrainedGate> } {
  const model: TensorMap = new Map(parametersOf(network).map(({ name }) => [name, weights.get(name)!]));
  const trained: SiteIdMap<TrainedGate> = {};
  for (const { id } of sitesOf(network)) {
    const gate = gateOf(gates, id);
    const alpha = weights.get(`${id}.alpha`);
    const masked = gate.kind === 'mask' || (gate.kind === 'share' && gate.masked);
    const entry: TrainedGate = {};
    if (masked && alpha) entry.kept = Uint8Array.from(alpha.data, (value) => (value > 0.5 ? 1 : 0));
    if (gate.kind === 'share' && gate.affine === 'trained') {
      const scale = weights.get(`${id}.scale`);
      const shift = weights.get(`${id}.shift`);
      if (scale && shift) {
        const acting = { scale: affine(scale, gate.prototypes, 1), shift: affine(shift, gate.prototypes, 0) };
        model.set(`${id}.scale`, acting.scale);
        model.set(`${id}.shift`, acting.shift);
        Object.assign(entry, { scale: acting.scale.data, shift: acting.shift.data });
      }
    }
    trained[id] = entry;
  }
  return { model, trained };
}

/** The run's method with every setting; `budget` in DReLUs where there was one. */
export function methodRecord(experiment: Experiment): MasksContent['about']['method'] {
  const budget = budgetOf(experiment);
  const names = inOrder(experiment.methods).map(({ name }) => name);
  return {
    name: names.length > 0 ? names.join('+') : 'dense',
    ...(budget ? { budget: budget.drelus } : {}),
    experiment,
  };
}

/**
 * @param createdAt ISO time
 * @throws CheckpointError while masks are not binary yet
 */
export async function exportMasks(run: FinishedRun, createdAt: string): Promise<ExportedFiles> {
  const { experiment, gates, result, dataset } = run;
  const { network } = experiment;
  if (!isBinary(network, gates, run.weights))
    throw new CheckpointError('The masks are still being trained: export them once they are binary.');
  const { model, trained } = splitGateParameters(network, gates, run.weights);
  const weights = writeSafetensors(model, { format: 'pt', generator: `relu-studio ${packageJson.version}` });
  const file = encodeMasks({
    about: {
      generator: { name: 'relu-studio', version: packageJson.version },
      createdAt,
      dataset: { name: experiment.dataset.name, ...dataset },
      method: methodRecord(experiment),
      weights: { file: WEIGHTS_FILE, sha256: await sha256Hex(weights) },
    },
    accuracy: { test: result.testAccuracy, validation: result.validationAccuracy, denseTest: result.denseTestAccuracy },
    network,
    gates,
    trained,
  });
  return { masks: masksText(file), weights };
}
