/** The figures of one private inference: per layer, measured beside the latency model, and how far the logits are from the plain ones. */
import { countsOf } from '../../domain/counting.ts';
import { latencyOf } from '../../domain/latency.ts';
import type { LatencySettings } from '../../domain/latency.ts';
import type { ReadMasks } from '../../domain/masksFile.ts';
import type { PrivateResult, ReferenceResult } from '../../worker/inference/messages.ts';

export interface LayerFigures {
  layer: string;
  /** Per image. */
  comparisons: number;
  multiplications: number;
  /** Both directions, all images. */
  offlineBytes: number;
  onlineBytes: number;
  rounds: number;
  offlineSeconds: number;
  onlineSeconds: number;
  /** Bytes of the DELPHI model, all images; null where it knows no such layer. */
  modelOffline: number | null;
  modelOnline: number | null;
}

/** Sub-steps of a site ("layer1.0.gate2 affine") count to the site. */
const baseName = (layer: string) => layer.split(' ')[0];

export function layerFigures(result: PrivateResult, masks: ReadMasks, settings: LatencySettings): LayerFigures[] {
  const images = result.logits.length;
  const counts = countsOf(masks.network, masks.gates, masks.trained);
  const model = latencyOf(masks.network, counts, settings);
  const rows = new Map<string, LayerFigures>();
  for (const { phase, layer, sent, received, rounds, seconds } of result.traffic) {
    if (phase === 'setup') continue;
    const name = baseName(layer);
    const site = counts.sites.find(({ id }) => id === name);
    const costs = model.layers.filter((entry) => entry.name === name);
    const modelled = (key: 'offline' | 'online') =>
      costs.length === 0
        ? null
        : images * costs.reduce((sum, entry) => sum + entry[key].bytesUp + entry[key].bytesDown, 0);
    const row = rows.get(name) ?? {
      layer: name,
      comparisons: site?.drelus ?? 0,
      multiplications: site?.multiplications ?? 0,
      offlineBytes: 0,
      onlineBytes: 0,
      rounds: 0,
      offlineSeconds: 0,
      onlineSeconds: 0,
      modelOffline: modelled('offline'),
      modelOnline: modelled('online'),
    };
    row.rounds += rounds;
    if (phase === 'offline') {
      row.offlineBytes += sent + received;
      row.offlineSeconds += seconds;
    } else {
      row.onlineBytes += sent + received;
      row.onlineSeconds += seconds;
    }
    rows.set(name, row);
  }
  return [...rows.values()];
}

const largest = (row: number[]) => row.indexOf(Math.max(...row));

export interface Agreement {
  images: number;
  sameAsFixed: number;
  sameAsFloat: number;
  /** Largest |difference| of a logit. */
  errorToFixed: number;
  errorToFloat: number;
}

export function agreementOf(result: PrivateResult, { fixed, float }: ReferenceResult): Agreement {
  const same = (other: number[][]) => result.logits.filter((row, i) => largest(row) === largest(other[i])).length;
  const error = (other: number[][]) =>
    Math.max(...result.logits.flatMap((row, i) => row.map((logit, k) => Math.abs(logit - other[i][k]))));
  return {
    images: result.logits.length,
    sameAsFixed: same(fixed),
    sameAsFloat: same(float),
    errorToFixed: error(fixed),
    errorToFloat: error(float),
  };
}

export const predicted = largest;
