/**
 * Augmentation: random crop with zero padding and horizontal flip, drawn per image from a counter.
 *
 * The draw depends on (seed, position in the order) alone: nothing is remembered between steps, so a resumed run, another batch
 * size and another engine see the same images. The hash is PCG-RXS-M-XS over 32 bits (O'Neill 2014), in integers, so that
 * this file and the WGSL of kernels/gather.ts agree bit for bit.
 *
 * Padding is raw zero (black) before normalising, as torchvision's RandomCrop(32, padding=4) before ToTensor and Normalize.
 */

/** One round of PCG-RXS-M-XS-32: a bijection of 32-bit integers that scrambles well. */
export function pcg(state: number): number {
  const next = (Math.imul(state, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((next >>> ((next >>> 28) + 4)) ^ next, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

export interface Crop {
  /** Shift of the window, −padding … +padding, rows and columns. */
  dy: number;
  dx: number;
  flip: boolean;
}

/** The crop and flip of the image at `position` in the order, for an epoch's seed. */
export function drawCrop(seed: number, position: number, augment: { cropPadding: number; flip: boolean }): Crop {
  const span = 2 * augment.cropPadding + 1;
  const a = pcg((pcg(seed >>> 0) ^ (position >>> 0)) >>> 0);
  const b = pcg(a);
  const c = pcg(b);
  return {
    dy: (a % span) - augment.cropPadding,
    dx: (b % span) - augment.cropPadding,
    flip: augment.flip && (c & 1) === 1,
  };
}

/** WGSL twin of `pcg`. */
export const PCG_WGSL = /* wgsl */ `
fn pcg(state: u32) -> u32 {
  let next = state * 747796405u + 2891336453u;
  let word = ((next >> ((next >> 28u) + 4u)) ^ next) * 277803737u;
  return (word >> 22u) ^ word;
}`;

/**
 * The batch that the gather kernel makes, in plain TypeScript: uint8 N × C × H × W images to float32 (rows, H, W, C).
 * Source pixel of output (y, x): (y + dy, x' + dx) with x' = W − 1 − x where flipped; outside the image it is black.
 */
export function gatherReference(
  set: { images: Uint8Array; shape: [number, number, number]; mean: number[]; std: number[] },
  indices: ArrayLike<number>,
  firstPosition: number,
  augment: { cropPadding: number; flip: boolean; seed: number } | null,
): Float32Array {
  const [channels, height, width] = set.shape;
  const out = new Float32Array(indices.length * height * width * channels);
  for (let i = 0; i < indices.length; i++) {
    const crop = augment ? drawCrop(augment.seed, firstPosition + i, augment) : { dy: 0, dx: 0, flip: false };
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const sy = y + crop.dy;
        const sx = (crop.flip ? width - 1 - x : x) + crop.dx;
        const inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
        for (let c = 0; c < channels; c++) {
          const raw = inside ? set.images[((indices[i] * channels + c) * height + sy) * width + sx] : 0;
          out[((i * height + y) * width + x) * channels + c] = (raw / 255 - set.mean[c]) / set.std[c];
        }
      }
    }
  }
  return out;
}
