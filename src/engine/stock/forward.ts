/**
 * The network's forward pass in tfjs's own ops, by walking the layer list of domain/network. Tensors are N,H,W,C.
 *
 * Padding is written out, (kernel − 1) / 2 on every side: TensorFlow's 'same' pads stride-2 convolutions differently.
 */
import * as tf from '@tensorflow/tfjs';
import {
  BATCH_NORM_EPSILON,
  INPUT,
  type ConvLayer,
  type Layer,
  type SiteId,
  type SiteLayer,
  type TensorId,
} from '../../domain/network.ts';
import type { Gates, Lookup, Soft } from './gates.ts';

/** Batch statistics of one batch norm, for its running statistics: mean and biased variance over `count` values a channel. */
export interface BatchStatistics {
  norm: string;
  mean: tf.Tensor;
  variance: tf.Tensor;
  count: number;
}

export interface ForwardOptions {
  /** null: running statistics. Else: batch statistics, each told to this function. */
  onStatistics: ((statistics: BatchStatistics) => void) | null;
  soft: Soft;
  /** Sees the pre-activation z of every gate site. */
  onSite?: (site: SiteId, z: tf.Tensor4D) => void;
}

function convolve(layer: ConvLayer, x: tf.Tensor4D, lookup: Lookup): tf.Tensor4D {
  const pad = (layer.kernel - 1) / 2;
  const padding: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ];
  return tf.conv2d(x, lookup(`${layer.name}.weight`) as tf.Tensor4D, layer.stride, pad === 0 ? 'valid' : padding);
}

function normalise(
  norm: string,
  x: tf.Tensor4D,
  lookup: Lookup,
  onStatistics: ForwardOptions['onStatistics'],
): tf.Tensor4D {
  let mean = lookup(`${norm}.running_mean`);
  let variance = lookup(`${norm}.running_var`);
  if (onStatistics) {
    ({ mean, variance } = tf.moments(x, [0, 1, 2]));
    onStatistics({ norm, mean, variance, count: x.shape[0] * x.shape[1] * x.shape[2] });
  }
  return tf.batchNorm(
    x,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    lookup(`${norm}.bias`) as tf.Tensor1D,
    lookup(`${norm}.weight`) as tf.Tensor1D,
    BATCH_NORM_EPSILON,
  );
}

function preActivation(
  layer: SiteLayer,
  tensors: Map<TensorId, tf.Tensor4D>,
  lookup: Lookup,
  onStatistics: ForwardOptions['onStatistics'],
) {
  const z = normalise(layer.norm, tensors.get(layer.input)!, lookup, onStatistics);
  if (!layer.residual) return z;
  const residual = tensors.get(layer.residual.tensor)!;
  return tf.add(
    z,
    layer.residual.norm ? normalise(layer.residual.norm, residual, lookup, onStatistics) : residual,
  ) as tf.Tensor4D;
}

/** Logits (N, classes) of normalised images (N, H, W, C). Intermediate tensors are the caller's tidy's. */
export function forward(
  layers: Layer[],
  images: tf.Tensor4D,
  lookup: Lookup,
  gates: Gates,
  options: ForwardOptions,
): tf.Tensor2D {
  const tensors = new Map<TensorId, tf.Tensor4D>([[INPUT, images]]);
  const gate = gates.pass(lookup, options.soft);
  for (const layer of layers) {
    if (layer.kind === 'conv') {
      const y = convolve(layer, tensors.get(layer.input)!, lookup);
      tensors.set(layer.output, layer.skip ? tf.add(y, tensors.get(layer.skip)!) : y);
    } else if (layer.kind === 'site') {
      const z = preActivation(layer, tensors, lookup, options.onStatistics);
      if (layer.gated) options.onSite?.(layer.id, z);
      tensors.set(layer.output, layer.gated ? gate(layer.id, z) : z);
    } else {
      const pooled = tf.mean(tensors.get(layer.input)!, [1, 2]) as tf.Tensor2D;
      const product = tf.matMul(pooled, lookup('fc.weight') as tf.Tensor2D, false, true);
      return tf.add(product, lookup('fc.bias'));
    }
  }
  throw new Error('The layer list has no head.');
}
