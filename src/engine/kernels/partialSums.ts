/**
 * Sums over all positions of a batch, several kinds at once, in two passes without atomics: every bit follows from the shapes.
 *
 *   first pass    a workgroup is 4 channel groups × 16 lanes along the positions; it leaves rows of partial sums:
 *                 row g, kind k of channel group c is partial[(g · kinds + k) · c4 + c]
 *   second pass   one workgroup per channel group adds the rows in order, in runs of sixteen. Rounding then grows with the number of
 *                 runs and not of rows: it shows where a sum nearly vanishes, as the gradient of a bias before a linear gate does
 */
import { unroll } from '../gpu/kernel.ts';

/** Channel groups side by side in a workgroup of 64: whole 64-byte pieces of memory, and one shader for every width. */
export const ACROSS = 4;
export const ALONG = 64 / ACROSS;

/**
 * workgroup: each workgroup reduces its partial sums in workgroup memory, in a fixed order, and writes one row. thread: every thread writes
 * its own row. Software rasterisers use the second: a barrier there costs more than the rows it saves.
 */
export type Reduce = 'workgroup' | 'thread';

/** Rows of partial sums that `groups` workgroups write. */
export const partialRows = (groups: number, reduce: Reduce): number =>
  reduce === 'workgroup' ? groups : groups * ALONG;

/**
 * The end of a first pass: WGSL that writes a thread's `sums` (an array of `kinds` vectors) to `partial`. It sees `channel4` and `group`,
 * the workgroup's number among those of the same channels; all threads must reach it.
 */
export function writePartialSums(reduce: Reduce, kinds: number): { globals: string; body: string } {
  if (reduce === 'thread')
    return {
      globals: '',
      body: `
  if (channel4 < dims.c4) {
    let row = (group * ${ALONG}u + lid.y) * ${kinds}u;
    ${unroll(kinds, (k) => `partial[(row + ${k}u) * dims.c4 + channel4] = sums[${k}];`)}
  }`,
    };
  return {
    globals: `var<workgroup> tile: array<vec4<f32>, ${64 * kinds}>;`,
    body: `
  let slot = lid.y * ${ACROSS}u + lid.x;
  ${unroll(kinds, (k) => `tile[${64 * k}u + slot] = sums[${k}];`)}
  workgroupBarrier();
  if (lid.y < ${kinds}u && channel4 < dims.c4) {
    var total = vec4<f32>();
    for (var r = 0u; r < ${ALONG}u; r++) { total += tile[lid.y * 64u + r * ${ACROSS}u + lid.x]; }
    partial[(group * ${kinds}u + lid.y) * dims.c4 + channel4] = total;
  }`,
  };
}

/** Lanes side by side in a finishing workgroup, one for each kind of sum, and how many such rows share the partial rows. */
export const KINDS = 8;
export const helpersOf = (reduce: Reduce): number => (reduce === 'workgroup' ? 8 : 1);

/** Rows that are added before the sum is touched. */
const RUN = 16;

/**
 * Sum `kind` over the partial rows of a channel group: `helper` takes every helpers-th row and, where there are several, helper 0 adds
 * what the others found, in order. The sum is valid in helper 0.
 */
export const sumRows = (reduce: Reduce, kinds: number): string => {
  const helpers = helpersOf(reduce);
  return `
${helpers > 1 ? `var<workgroup> lanes: array<vec4<f32>, ${KINDS * helpers}>;` : ''}
fn sumRows(kind: u32, helper: u32, channel4: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  if (kind < ${kinds}u) {
    for (var first = helper; first < dims.groups; first += ${RUN * helpers}u) {
      let last = min(first + ${RUN * helpers}u, dims.groups);
      var run = vec4<f32>();
      for (var g = first; g < last; g += ${helpers}u) { run += partial[(g * ${kinds}u + kind) * dims.c4 + channel4]; }
      sum += run;
    }
  }
  ${
    helpers > 1
      ? `lanes[helper * ${KINDS}u + kind] = sum;
  workgroupBarrier();
  sum = vec4<f32>();
  for (var h = 0u; h < ${helpers}u; h++) { sum += lanes[h * ${KINDS}u + kind]; }`
      : ''
  }
  return sum;
}`;
};
