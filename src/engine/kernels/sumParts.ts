/**
 * Second pass of a convolution whose sum was split: adds the parts in order, then the skip and, where asked, what y holds.
 *
 *   y[i] = Σ_s partial[s·length + i]  (+ skip[i])  (+ y[i])            one thread per vector; parts in rising order
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';

/** Dims: length in vectors, parts. */
export function sumPartsKernel(skip: boolean): Kernel {
  return defineKernel({
    key: `sum parts${skip ? ' skip' : ''}`,
    dims: ['length', 'parts', 'accumulate'],
    buffers: [
      ['partial', 'read', 'vec4f'],
      ...(skip ? ([['skip', 'read', 'vec4f']] as const) : []),
      ['y', 'write', 'vec4f'],
    ],
    workgroup: [64],
    body: `
  let i = gid.x + gid.y * wgs.x * 64u;
  if (i >= dims.length) { return; }
  var sum = partial[i];
  for (var s = 1u; s < dims.parts; s++) { sum += partial[s * dims.length + i]; }
  ${skip ? 'sum += skip[i];' : ''}
  if (dims.accumulate != 0u) { sum += y[i]; }
  y[i] = sum;`,
  });
}
