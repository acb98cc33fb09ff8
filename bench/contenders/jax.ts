/**
 * The strongest peer: jax-js (npm @jax-js/jax), the same network as one jitted function of forward, backward and update.
 * Arrays are N,C,H,W; jax-js counts references: a use that is not the last one is written `.ref`.
 */
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { INPUT, layersOf, type TensorId } from '../../src/domain/network.ts';
import { gatherReference } from '../../src/engine/augment.ts';
import { BATCHES, imagesOf, RECIPE, weightsOf, type Configuration } from '../workload.ts';
import type { Contender } from './contender.ts';

type Tensors = { [name: string]: np.Array };

const EPSILON = 1e-5;
const BN_MOMENTUM = 0.1;

/** Loss and the batch statistics of every norm; consumes parameters and batch. */
function makeLoss({ network }: Configuration) {
  const layers = layersOf(network);
  return (parameters: Tensors, images: np.Array, labels: np.Array): [np.Array, Tensors] => {
    const statistics: Tensors = {};
    const normalise = (norm: string, x: np.Array): np.Array => {
      const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
      const centred = x.sub(mean.ref);
      const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
      const shape = [1, mean.shape[1], 1, 1];
      const scale = parameters[`${norm}.weight`].reshape(shape).div(np.sqrt(variance.ref.add(EPSILON)));
      statistics[`${norm}.running_mean`] = lax.stopGradient(mean.reshape([shape[1]]));
      statistics[`${norm}.running_var`] = lax.stopGradient(variance.reshape([shape[1]]));
      return centred.mul(scale).add(parameters[`${norm}.bias`].reshape(shape));
    };
    const tensors = new Map<TensorId, np.Array>([[INPUT, images]]);
    for (const layer of layers) {
      if (layer.kind === 'conv') {
        const pad = (layer.kernel - 1) / 2;
        const y = lax.conv(
          tensors.get(layer.input)!.ref,
          parameters[`${layer.name}.weight`],
          [layer.stride, layer.stride],
          [
            [pad, pad],
            [pad, pad],
          ],
        );
        tensors.set(layer.output, y);
      } else if (layer.kind === 'site') {
        let z = normalise(layer.norm, tensors.get(layer.input)!.ref);
        if (layer.residual) {
          const residual = tensors.get(layer.residual.tensor)!.ref;
          z = z.add(layer.residual.norm ? normalise(layer.residual.norm, residual) : residual);
        }
        tensors.set(layer.output, layer.gated ? nn.relu(z) : z);
      } else {
        const pooled = np.mean(tensors.get(layer.input)!.ref, [2, 3]);
        const logits = np.matmul(pooled, np.transpose(parameters['fc.weight'])).add(parameters['fc.bias']);
        for (const tensor of tensors.values()) tensor.dispose();
        const chosen = np.sum(nn.logSoftmax(logits, -1).mul(labels), -1);
        return [np.mean(chosen).neg(), statistics];
      }
    }
    throw new Error('The layer list has no head.');
  };
}

export async function jaxContender(configuration: Configuration): Promise<Contender> {
  // jax-js picks settings by browser; Node 20 has no user agent to ask.
  if (navigator.userAgent === undefined)
    Object.defineProperty(navigator, 'userAgent', { value: 'Chrome (Dawn in Node)' });
  if (!(await init('webgpu')).includes('webgpu')) throw new Error('jax-js found no WebGPU adapter.');
  defaultDevice('webgpu');
  const { network, batch } = configuration;
  const data = imagesOf(configuration);
  const [channels, height, width] = network.inputShape;

  let parameters: Tensors = {};
  let velocities: Tensors = {};
  let running: Tensors = {};
  const counts = new Map<string, number>();
  for (const layer of layersOf(network)) {
    if (layer.kind !== 'site') continue;
    const count = batch * layer.shape.height * layer.shape.width;
    counts.set(layer.norm, count);
    if (layer.residual?.norm) counts.set(layer.residual.norm, count);
  }
  for (const [name, { shape, data: values }] of weightsOf(configuration)) {
    const value = np.array(values).reshape(shape);
    if (name.includes('running_')) {
      running[name] = value;
    } else {
      parameters[name] = value;
      velocities[name] = np.zeros(shape);
    }
  }
  const batches = Array.from({ length: BATCHES }, (_, b) => {
    const indices = Array.from({ length: batch }, (_, i) => b * batch + i);
    const pixels = np.array(gatherReference(data, indices, 0, null)).reshape([batch, height, width, channels]);
    const hot = new Float32Array(batch * network.classes);
    indices.forEach((index, row) => (hot[row * network.classes + data.labels[index]] = 1));
    return { images: np.transpose(pixels, [0, 3, 1, 2]), labels: np.array(hot).reshape([batch, network.classes]) };
  });

  const differentiate = valueAndGrad(makeLoss(configuration), { hasAux: true });
  const train = jit((p: Tensors, v: Tensors, r: Tensors, images: np.Array, labels: np.Array) => {
    const held: Tensors = Object.fromEntries(Object.entries(p).map(([name, value]) => [name, value.ref]));
    const [[loss, statistics], gradients] = differentiate(held, images, labels) as unknown as [
      [np.Array, Tensors],
      Tensors,
    ];
    const nextP: Tensors = {};
    const nextV: Tensors = {};
    for (const name of Object.keys(p)) {
      const gradient = gradients[name].add(p[name].ref.mul(RECIPE.weightDecay));
      nextV[name] = v[name].mul(RECIPE.momentum).add(gradient);
      nextP[name] = p[name].sub(nextV[name].ref.mul(RECIPE.learningRate));
    }
    const nextR: Tensors = {};
    for (const name of Object.keys(r)) {
      const count = counts.get(name.replace(/\.running_.*/, ''))!;
      const factor = name.endsWith('running_var') ? (BN_MOMENTUM * count) / (count - 1) : BN_MOMENTUM;
      nextR[name] = r[name].mul(1 - BN_MOMENTUM).add(statistics[name].mul(factor));
    }
    return [nextP, nextV, nextR, loss] as [Tensors, Tensors, Tensors, np.Array];
  });

  let last: np.Array | null = null;
  return {
    step(index) {
      const { images, labels } = batches[index % BATCHES];
      last?.dispose();
      [parameters, velocities, running, last] = train(parameters, velocities, running, images.ref, labels.ref);
    },
    async settle() {
      await last?.blockUntilReady();
    },
    async loss() {
      const values = (await last!.ref.data()) as Float32Array;
      return values[0];
    },
  };
}
