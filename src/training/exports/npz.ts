/**
 * Masks for NumPy: one boolean array (C, H, W) per gate site, under the site's id; True where the neuron computes its DReLU, so that
 * the sums are the DReLU counts. An .npz is a zip archive of .npy files (numpy.lib.format, version 1.0).
 */
import { computedDrelus, type GateContent } from '../../domain/computedDrelus.ts';
import { sitesOf } from '../../domain/network.ts';
import { zipped } from './zipped.ts';

/** One .npy file of truth values. */
function npy(shape: readonly number[], values: Uint8Array): Uint8Array<ArrayBuffer> {
  const dict = `{'descr': '|b1', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  // Magic, version and length take ten bytes; the header ends with a newline on a multiple of 64.
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const header = new TextEncoder().encode(`${dict.padEnd(length - 1)}\n`);
  const bytes = new Uint8Array(10 + length + values.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  bytes.set(header, 10);
  bytes.set(values, 10 + length);
  return bytes;
}

export function masksNpz(content: GateContent): Promise<Uint8Array<ArrayBuffer>> {
  const computed = computedDrelus(content);
  return zipped(sitesOf(content.network).map(({ id, shape }) => [`${id}.npy`, npy(shape, computed.get(id)!)]));
}
