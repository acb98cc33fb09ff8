/**
 * Forward and backward pass of one (micro) batch by tfjs's autodiff.
 */
import * as tf from '@tensorflow/tfjs';
import type { GateMap } from '../../domain/gateMap.ts';
import { layersOf, type Layer } from '../../domain/network.ts';
import type { EngineSettings } from '../api.ts';
import { forward, type BatchStatistics } from './forward.ts';
import { Gates, type Soft } from './gates.ts';
import { crossEntropy, distillation } from './losses.ts';
import { StockParameters, type StoredParameter } from './stockParameters.ts';

export class Network {
  readonly layers: Layer[];
  readonly parameters: StockParameters;
  readonly gates: Gates;

  constructor(settings: EngineSettings, gates: GateMap) {
    this.layers = layersOf(settings.network);
    this.parameters = new StockParameters(settings.network, gates);
    this.gates = new Gates(settings.network, gates);
  }

  /** Logits with running statistics; the caller's tidy owns them. */
  evaluate(images: tf.Tensor4D, soft: Soft, onSite?: (site: string, z: tf.Tensor4D) => void): tf.Tensor2D {
    return forward(this.layers, images, (name) => this.parameters.variable(name), this.gates, {
      onStatistics: null,
      soft,
      onSite,
    });
  }

  dispose(): void {
    this.parameters.dispose();
    this.gates.dispose();
  }
}

export interface PassInput {
  /** Normalised, N,H,W,C. */
  images: tf.Tensor4D;
  /** N × classes. */
  labels: tf.Tensor2D;
  /** The teacher's logits, or null without distillation. */
  soft: Soft;
  distillation: { teacher: tf.Tensor2D; temperature: number; weight: number } | null;
  /** Factor of loss and gradients: this part's share of the batch. */
  share: number;
  /** Parameters whose gradients are wanted. */
  wanted: StoredParameter[];
}

/** What a pass gives; tensors are kept until the caller disposes them. */
export interface PassOutput {
  /** share · ∂(cross entropy + weight · distillation), by parameter name; zeros for parameters that the loss does not reach. */
  gradients: Map<string, tf.Tensor>;
  statistics: BatchStatistics[];
  logits: tf.Tensor2D;
  /** share · cross entropy; share · distillation, not weighted (null without). */
  crossEntropy: tf.Scalar;
  distillation: tf.Scalar | null;
}

export function trainingPass(network: Network, input: PassInput): PassOutput {
  const statistics: BatchStatistics[] = [];
  let logits!: tf.Tensor2D;
  let entropy!: tf.Scalar;
  let distance: tf.Scalar | null = null;

  const { value, grads } = tf.variableGrads(
    () => {
      logits = tf.keep(
        forward(network.layers, input.images, (name) => network.parameters.variable(name), network.gates, {
          soft: input.soft,
          onStatistics: (found) => {
            tf.keep(found.mean);
            tf.keep(found.variance);
            statistics.push(found);
          },
        }),
      );
      entropy = tf.keep(tf.mul(crossEntropy(logits, input.labels), input.share));
      if (!input.distillation) return entropy;
      const { teacher, temperature, weight } = input.distillation;
      distance = tf.keep(tf.mul(distillation(logits, teacher, temperature), input.share));
      return tf.add(entropy, tf.mul(distance, weight));
    },
    input.wanted.map(({ variable }) => variable),
  );
  if (value !== entropy) value.dispose();
  const gradients = new Map<string, tf.Tensor>();
  for (const { name, variable } of input.wanted) gradients.set(name, grads[variable.name] ?? tf.zerosLike(variable));
  return { gradients, statistics, logits, crossEntropy: entropy, distillation: distance };
}
