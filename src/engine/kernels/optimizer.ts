/**
 * SGD with momentum and weight decay, and Adam, over all parameters of a group in one dispatch, in place.
 *
 *   SGD   v ← μ·v + (g + wd·p);  p ← p − lr·v                                    (PyTorch: no dampening, no Nesterov)
 *   Adam  g ← g + wd·p;  m ← β1·m + (1 − β1)·g;  v ← β2·v + (1 − β2)·g²;
 *         p ← p − lr · (m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε)                PyTorch: β = (0.9, 0.999), ε = 1e-8
 *
 * 1 − β comes from the host: taken from a β that is already rounded to float32, 1 − 0.999 would be 1.3e-5 off.
 *
 * An group is cut into blocks of 256 floats, one workgroup each; `kinds` says what a block holds (low byte) and which mask block of the
 * group it is (the rest). Before a mask block is changed, every thread leaves its Σ|α| in `penalties` for the metrics kernel.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';

export const BLOCK_FLOATS = 256;
export const BLOCK_KIND = { unused: 0, weight: 1, mask: 2, affine: 3 } as const;

export const optimizerKernel: Kernel = defineKernel({
  key: 'optimizer',
  dims: ['blocks', 'firstPenalty'],
  hyper: true,
  buffers: [
    ['kinds', 'read', 'u32'],
    ['gradients', 'read', 'vec4f'],
    ['parameters', 'read_write', 'vec4f'],
    ['first', 'read_write', 'vec4f'],
    ['second', 'read_write', 'vec4f'],
    ['penalties', 'write', 'f32'],
  ],
  workgroup: [64],
  body: `
  let block = wid.x + wid.y * wgs.x;
  if (block >= dims.blocks) { return; }
  let kind = kinds[block] & 255u;
  let i = block * 64u + lid.x;
  let p = parameters[i];
  let magnitude = abs(p);
  if (kind == ${BLOCK_KIND.mask}u) {
    penalties[dims.firstPenalty + (kinds[block] >> 8u) * 64u + lid.x] = magnitude.x + magnitude.y + magnitude.z + magnitude.w;
  }
  if (kind == ${BLOCK_KIND.unused}u || (kind == ${BLOCK_KIND.mask}u && hyper.trainMasks == 0u) || (kind == ${BLOCK_KIND.affine}u && hyper.trainAffine == 0u)) { return; }
  let rate = select(hyper.learningRate, hyper.maskLearningRate, kind == ${BLOCK_KIND.mask}u);
  let g = gradients[i] + hyper.weightDecay * p;
  if (hyper.adam == 0u) {
    let v = hyper.momentum * first[i] + g;
    first[i] = v;
    parameters[i] = p - rate * v;
  } else {
    let m = hyper.beta1 * first[i] + hyper.fresh1 * g;
    let v = hyper.beta2 * second[i] + hyper.fresh2 * g * g;
    first[i] = m;
    second[i] = v;
    parameters[i] = p - rate * (m / hyper.correction1) / (sqrt(v / hyper.correction2) + hyper.epsilon);
  }`,
});
