/**
 * The classifier: global average pool, one linear layer, and their gradients.
 *
 *   pooled[n,c] = mean over positions of x;  logits[n,k] = Σ_c pooled[n,c] · W[k,c] + bias[k]
 *   dW[k,c] = Σ_n dlogits[n,k] · pooled[n,c];  dbias[k] = Σ_n dlogits[n,k];  dx[n,y,x,c] = Σ_k dlogits[n,k] · W[k,c] / positions
 *
 * W is stored (classes, C / 4) in vectors, PyTorch's (out, in) with padded rows. A thread owns one sum of vectors; classes is plain.
 * The logits of a step's micro batches lie one after the other: row hyper.row + n.
 */
import { defineKernel } from '../gpu/kernel.ts';

/** A thread an element of a table of dims[rows] × dims[columns]: its row and column under the given names, or nothing to do. */
const elementOf = (rows: string, columns: string, row: string, column: string): string => `
  if (gid.x >= dims.${rows} * dims.${columns}) { return; }
  let ${row} = gid.x / dims.${columns};
  let ${column} = gid.x % dims.${columns};`;

export const poolKernel = defineKernel({
  key: 'pool',
  dims: ['batch', 'positions', 'c4'],
  buffers: [
    ['x', 'read', 'vec4f'],
    ['pooled', 'write', 'vec4f'],
  ],
  workgroup: [64],
  body: `${elementOf('batch', 'c4', 'n', 'channel4')}
  var sum = vec4<f32>();
  for (var p = 0u; p < dims.positions; p++) { sum += x[(n * dims.positions + p) * dims.c4 + channel4]; }
  pooled[gid.x] = sum / f32(dims.positions);`,
});

export const linearKernel = defineKernel({
  key: 'linear',
  dims: ['batch', 'c4', 'classes'],
  hyper: true,
  buffers: [
    ['pooled', 'read', 'vec4f'],
    ['weight', 'read', 'vec4f'],
    ['bias', 'read', 'f32'],
    ['logits', 'write', 'f32'],
  ],
  workgroup: [64],
  body: `${elementOf('batch', 'classes', 'n', 'k')}
  var sum = vec4<f32>();
  for (var c = 0u; c < dims.c4; c++) { sum += pooled[n * dims.c4 + c] * weight[k * dims.c4 + c]; }
  logits[(hyper.row + n) * dims.classes + k] = sum.x + sum.y + sum.z + sum.w + bias[k];`,
});

/** A thread a vector of W; those of column 0 also sum the bias. */
export const linearParameterGradientKernel = defineKernel({
  key: 'linear parameter gradient',
  dims: ['batch', 'c4', 'classes'],
  hyper: true,
  buffers: [
    ['pooled', 'read', 'vec4f'],
    ['dlogits', 'read', 'f32'],
    ['dweight', 'write', 'vec4f'],
    ['dbias', 'write', 'f32'],
  ],
  workgroup: [64],
  body: `${elementOf('classes', 'c4', 'k', 'channel4')}
  var sum = vec4<f32>();
  var bias = 0.0;
  if (hyper.accumulate != 0u) {
    sum = dweight[gid.x];
    bias = dbias[k];
  }
  for (var n = 0u; n < dims.batch; n++) {
    let d = dlogits[n * dims.classes + k];
    sum += d * pooled[n * dims.c4 + channel4];
    bias += d;
  }
  dweight[gid.x] = sum;
  if (channel4 == 0u) { dbias[k] = bias; }`,
});

/** A thread a vector of one image, written to every position. */
export const linearInputGradientKernel = defineKernel({
  key: 'linear input gradient',
  dims: ['batch', 'positions', 'c4', 'classes'],
  buffers: [
    ['dlogits', 'read', 'f32'],
    ['weight', 'read', 'vec4f'],
    ['dx', 'write', 'vec4f'],
  ],
  workgroup: [64],
  body: `${elementOf('batch', 'c4', 'n', 'channel4')}
  var sum = vec4<f32>();
  for (var k = 0u; k < dims.classes; k++) { sum += dlogits[n * dims.classes + k] * weight[k * dims.c4 + channel4]; }
  sum = sum / f32(dims.positions);
  for (var p = 0u; p < dims.positions; p++) { dx[(n * dims.positions + p) * dims.c4 + channel4] = sum; }`,
});
