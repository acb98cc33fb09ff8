/**
 * Sums that stay on the GPU until the host asks: one workgroup adds a step's samples and penalties to the running totals.
 *
 * totals (floats): 0 steps, 1 images, 2 Σ cross entropy of steps, 3 Σ distillation, 4 Σ penalty, 5 right, 6 steps with a loss that is
 * not finite. A step's terms are batch means. Evaluation uses the same kernel with `evaluation` = 1: sums over images, no penalty.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';

export const TOTALS = 8;

export const metricsKernel: Kernel = defineKernel({
  key: 'metrics',
  dims: ['penaltyCount', 'evaluation'],
  hyper: true,
  buffers: [
    ['samples', 'read', 'vec4f'],
    ['penalties', 'read', 'f32'],
    ['totals', 'read_write', 'f32'],
  ],
  workgroup: [256],
  globals: 'var<workgroup> lanes: array<vec4<f32>, 256>;',
  body: `
  var sum = vec4<f32>();
  for (var n = lid.x; n < hyper.images; n += 256u) { sum += samples[n]; }
  var penalty = 0.0;
  for (var b = lid.x; b < dims.penaltyCount; b += 256u) { penalty += penalties[b]; }
  sum.w = penalty;
  lanes[lid.x] = sum;
  workgroupBarrier();
  if (lid.x != 0u) { return; }
  var all = vec4<f32>();
  for (var k = 0u; k < 256u; k++) { all += lanes[k]; }
  let mean = select(1.0 / f32(hyper.images), 1.0, dims.evaluation != 0u);
  let loss = all.x * mean + all.y * mean + hyper.lambda * all.w;
  totals[0] += 1.0;
  totals[1] += f32(hyper.images);
  totals[2] += all.x * mean;
  totals[3] += all.y * mean;
  totals[4] += hyper.lambda * all.w;
  totals[5] += all.z;
  // NaN and infinities by their exponent bits: comparisons with them may be optimised away.
  if ((bitcast<u32>(loss) & 0x7f800000u) == 0x7f800000u) { totals[6] += 1.0; }`,
});

/** How many α of one site lie above hyper.threshold, as they are stored: one per neuron, or one per channel. */
export const maskCountKernel: Kernel = defineKernel({
  key: 'mask count',
  dims: ['vectors', 'slot'],
  hyper: true,
  buffers: [
    ['alpha', 'read', 'vec4f'],
    ['counts', 'write', 'u32'],
  ],
  workgroup: [64],
  globals: 'var<workgroup> lanes: array<u32, 64>;',
  body: `
  var count = 0u;
  for (var i = lid.x; i < dims.vectors; i += 64u) {
    let above = select(vec4<u32>(), vec4<u32>(1u), alpha[i] > vec4<f32>(hyper.threshold));
    count += above.x + above.y + above.z + above.w;
  }
  lanes[lid.x] = count;
  workgroupBarrier();
  if (lid.x != 0u) { return; }
  var total = 0u;
  for (var k = 0u; k < 64u; k++) { total += lanes[k]; }
  counts[dims.slot] = total;`,
});
