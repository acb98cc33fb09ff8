/**
 * Gate analysis of a trained network: per ReLU layer, the effective dimension of the gates across channels, at matching positions
 * and after shuffling the positions within each channel (DeepShare, Bornfeld & Avidan 2025, Figure 2), and the correlation between
 * the channels.
 *
 * Pre-activations are read a few images at a time, reduced to bits and added to C×C second moments. Two numbers per image are kept,
 * and one bit per channel at up to 64 positions.
 *
 * The covariance of C gates over K samples has the same non-zero eigenvalues as the K×K matrix of the samples' inner products; the
 * smaller of the two is used.
 */
import { clusterOrder, correlationOf } from '../domain/correlation.ts';
import { effectiveDimension } from '../domain/effectiveDimension.ts';
import type { DimensionMeasure } from '../domain/effectiveDimension.ts';
import { covarianceOf, isOpen, openCounts, patternsFrom, patternsOf, shuffled } from '../domain/gatePatterns.ts';
import type { GatePatterns } from '../domain/gatePatterns.ts';
import { sitesOf } from '../domain/network.ts';
import type { Site } from '../domain/network.ts';
import { mulberry32 } from '../domain/random.ts';
import type { Engine } from '../engine/api.ts';
import type { AnalysedSite, GateAnalysis } from './protocol.ts';
import { CancelledError } from './queue.ts';

/** Most floats of pre-activations per read: 4 MB. */
const FLOATS_AT_ONCE = 1 << 20;
const MAX_IMAGES_AT_ONCE = 32;
export const MAX_POSITIONS = 64;

export interface AnalysisOptions {
  /** Indices of the images in the engine's data set. */
  indices: Uint32Array;
  /** Seed of the shuffles. */
  seed: number;
  measure: DimensionMeasure;
  /** Images done over all sites, of images × sites. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

type Network = Pick<Engine, 'settings' | 'preActivations'>;

/** Inner products of the samples' centred gates, divided by K: K×K, row-major. */
function sampleProducts(patterns: GatePatterns): Float64Array {
  const { channels, samples } = patterns;
  const means = openCounts(patterns).map((open) => open / samples);
  const centred = new Float64Array(samples * channels);
  for (let k = 0; k < samples; k++)
    for (let c = 0; c < channels; c++) centred[k * channels + c] = Number(isOpen(patterns, c, k)) - means[c];
  const products = new Float64Array(samples * samples);
  for (let a = 0; a < samples; a++)
    for (let b = a; b < samples; b++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += centred[a * channels + c] * centred[b * channels + c];
      products[a * samples + b] = sum / samples;
      products[b * samples + a] = sum / samples;
    }
  return products;
}

/** Effective dimension over the channels, 0 … 1. */
export function dimensionOf(patterns: GatePatterns, measure: DimensionMeasure): number {
  const { channels, samples } = patterns;
  if (samples >= channels) return effectiveDimension(covarianceOf(patterns), channels, measure);
  return (effectiveDimension(sampleProducts(patterns), samples, measure) * samples) / channels;
}

/** Second moments of the gates, accumulated over images: covariances over any number of samples in C² numbers. */
class Moments {
  private images = 0;
  private readonly first: Float64Array;
  private readonly second: Float64Array;

  constructor(readonly channels: number) {
    this.first = new Float64Array(channels);
    this.second = new Float64Array(channels * channels);
  }

  /** Adds an image; all have the same number of samples. @returns its own covariance. */
  add(patterns: GatePatterns): Float64Array {
    const { channels } = this;
    const covariance = covarianceOf(patterns);
    const means = openCounts(patterns).map((open) => open / patterns.samples);
    this.images++;
    for (let a = 0; a < channels; a++) {
      this.first[a] += means[a];
      for (let b = 0; b < channels; b++)
        this.second[a * channels + b] += covariance[a * channels + b] + means[a] * means[b];
    }
    return covariance;
  }

  means(): number[] {
    return Array.from(this.first, (sum) => sum / this.images);
  }

  covariance(): Float64Array {
    const means = this.means();
    return this.second.map(
      (sum, i) => sum / this.images - means[Math.floor(i / this.channels)] * means[i % this.channels],
    );
  }
}

/** At most MAX_POSITIONS of `size` positions, evenly spread. */
const spreadPositions = (size: number): number[] => {
  const count = Math.min(size, MAX_POSITIONS);
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * size) / count));
};

/** The gates of all images at some positions: position-major, then image, then channel. */
class PositionGates {
  private readonly gates: Uint8Array;

  constructor(
    private readonly channels: number,
    private readonly images: number,
    private readonly positions: number[],
  ) {
    this.gates = new Uint8Array(positions.length * images * channels);
  }

  add(image: number, patterns: GatePatterns): void {
    this.positions.forEach((position, p) => {
      const at = (p * this.images + image) * this.channels;
      for (let c = 0; c < this.channels; c++) this.gates[at + c] = Number(isOpen(patterns, c, position));
    });
  }

  dimensions(measure: DimensionMeasure): number[] {
    return this.positions.map((_, p) => {
      const at = p * this.images * this.channels;
      const patterns = patternsFrom(this.channels, this.images, (c, n) => this.gates[at + n * this.channels + c] === 1);
      return dimensionOf(patterns, measure);
    });
  }
}

/** Analyzes one ReLU layer over all images. `done` counts images. */
async function analyseSite(
  engine: Network,
  site: Site,
  { indices, seed, measure, signal }: AnalysisOptions,
  done: (images: number) => void,
): Promise<AnalysedSite> {
  const [channels, height, width] = site.shape;
  const size = height * width;
  const atOnce = Math.max(1, Math.min(MAX_IMAGES_AT_ONCE, Math.floor(FLOATS_AT_ONCE / (channels * size))));
  const random = mulberry32(seed);
  const positions = spreadPositions(size);
  const kinds = [0, 1].map(() => ({
    moments: new Moments(channels),
    images: [] as number[],
    positions: new PositionGates(channels, indices.length, positions),
  }));
  for (let first = 0; first < indices.length; first += atOnce) {
    if (signal?.aborted) throw new CancelledError();
    const chosen = indices.subarray(first, first + atOnce);
    const { data } = await engine.preActivations(site.id, chosen);
    for (let n = 0; n < chosen.length; n++) {
      const z = data.subarray(n * channels * size, (n + 1) * channels * size);
      const matching = patternsOf(z, [1, channels, height, width]);
      for (const [k, patterns] of [matching, shuffled(matching, random)].entries()) {
        const covariance = kinds[k].moments.add(patterns);
        const direct = measure === 'participation' || size >= channels;
        kinds[k].images.push(
          direct ? effectiveDimension(covariance, channels, measure) : dimensionOf(patterns, measure),
        );
        kinds[k].positions.add(first + n, patterns);
      }
    }
    done(chosen.length);
  }
  const [matching, control] = kinds;
  const covariance = matching.moments.covariance();
  const correlation = correlationOf(covariance, channels);
  return {
    id: site.id,
    shape: site.shape,
    stage: site.stage,
    images: { matching: matching.images, shuffled: control.images },
    positions: { matching: matching.positions.dimensions(measure), shuffled: control.positions.dimensions(measure) },
    pooled: {
      matching: effectiveDimension(covariance, channels, measure),
      shuffled: effectiveDimension(control.moments.covariance(), channels, measure),
    },
    correlation: Float32Array.from(correlation),
    order: clusterOrder(correlation, channels),
    open: matching.moments.means(),
  };
}

/**
 * Analyzes every ReLU layer of the engine's network, from input to output. The engine must have weights and data.
 * @throws CancelledError when the signal aborts; RangeError where there are fewer than two images.
 */
export async function analyseGates(engine: Network, run: string, options: AnalysisOptions): Promise<GateAnalysis> {
  const { indices, seed, measure, onProgress, signal } = options;
  if (indices.length < 2) throw new RangeError('Gate analysis requires at least two images.');
  const { network } = engine.settings;
  const sites = sitesOf(network);
  const total = sites.length * indices.length;
  let done = 0;
  const analysed: AnalysedSite[] = [];
  for (const site of sites) {
    if (signal?.aborted) throw new CancelledError();
    analysed.push(await analyseSite(engine, site, options, (images) => onProgress?.((done += images), total)));
  }
  return { run, images: indices.length, seed, measure, network, sites: analysed };
}
