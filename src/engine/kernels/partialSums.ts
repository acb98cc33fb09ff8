/**
 * Adding up rows of partial sums in a fixed order: the second pass of every reduction that is not a filter gradient. A row holds a few
 * kinds of sum for every channel group; row g, kind k of group c is partial[(g · kinds + k) · c4 + c].
 */
import type { Reduce } from './siteBackward.ts';

/** Lanes side by side in a finishing workgroup, one a kind of sum, and how many such rows share the partial rows. */
export const KINDS = 8;
export const helpersOf = (reduce: Reduce): number => (reduce === 'workgroup' ? 8 : 1);

/**
 * Sum `kind` over the partial rows of a channel group: `helper` takes every helpers-th row and, where there are several, helper 0 adds
 * what the others found, in order. The sum is valid in helper 0.
 */
export const sumRows = (reduce: Reduce, kinds: number): string => `
${reduce === 'workgroup' ? `var<workgroup> lanes: array<vec4<f32>, ${KINDS * helpersOf(reduce)}>;` : ''}
fn sumRows(kind: u32, helper: u32, channel4: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  if (kind < ${kinds}u) {
    for (var g = helper; g < dims.groups; g += ${helpersOf(reduce)}u) { sum += partial[(g * ${kinds}u + kind) * dims.c4 + channel4]; }
  }
  ${
    reduce === 'workgroup'
      ? `lanes[helper * ${KINDS}u + kind] = sum;
  workgroupBarrier();
  sum = vec4<f32>();
  for (var h = 0u; h < ${helpersOf(reduce)}u; h++) { sum += lanes[h * ${KINDS}u + kind]; }`
      : ''
  }
  return sum;
}`;
