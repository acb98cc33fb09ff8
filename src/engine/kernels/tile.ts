/**
 * The tiles of convolution kernels, and what the kernels share: multiply-add chains, operands that all lanes read, stores.
 *
 * direct   Each thread keeps `pixels` neighbouring pixels × 4·`groups` channels in registers and loads operands from buffers
 *          (conv.ts, convInputGradient.ts, convFilterGradient.ts). Software rasterisers use it.
 * tiled    A workgroup computes m × n results from operands staged in workgroup memory (tiledConv.ts, tiledFilterGradient.ts).
 *          GPUs use it. `splits` cuts the sum into parts that different workgroups compute and a second pass adds in order.
 *
 * `lanes` says how a direct kernel fetches the operand that is the same for all lanes of a subgroup:
 *   0    every lane loads it (the caches of a GPU serve it)
 *   n    each lane of a subgroup of exactly n loads a different vector and broadcasts it. A software rasteriser executes every
 *        lane's load separately; broadcasting halves its time.
 *
 * Channels are padded to multiples of four in every buffer, and padding holds zeros, so that all loads are vec4.
 */
import { range } from '../gpu/kernel.ts';

export interface DirectTile {
  kind: 'direct';
  pixels: number;
  groups: number;
  lanes: number;
}

export interface TiledTile {
  kind: 'tiled';
  /** Results a workgroup computes: m pixels (forward, input gradient) or rows of W (filter gradient) × n channels. */
  m: number;
  n: number;
  /** Parts of the sum; 1: none. */
  splits: number;
}

/** Winograd's transforms around 16 products over channels (winograd.ts), which run as a 1×1 convolution with `product`. */
export interface WinogradTile {
  kind: 'winograd';
  product: DirectTile | TiledTile;
}

export type Tile = DirectTile | TiledTile | WinogradTile;

export const tileKey = (tile: DirectTile): string => `p${tile.pixels}q${tile.groups}l${tile.lanes}`;

/** Threads of a direct kernel's workgroup, one for each strip of pixels. */
export const PIXEL_THREADS = 64;

export interface TiledShape {
  m: number;
  n: number;
  /** Results a thread keeps in registers. */
  tm: number;
  tn: number;
}

/** The family of tiles in workgroup memory, from the one for large layers to the one for few channels. */
export const TILED_SHAPES: readonly TiledShape[] = [
  { m: 128, n: 64, tm: 8, tn: 8 },
  { m: 64, n: 64, tm: 8, tn: 8 },
  { m: 64, n: 32, tm: 8, tn: 4 },
  { m: 32, n: 32, tm: 4, tn: 4 },
  { m: 128, n: 16, tm: 8, tn: 4 },
];

/** @throws Error where the family has no such tile */
export function tiledShape({ m, n }: { m: number; n: number }): TiledShape & { threads: number } {
  const shape = TILED_SHAPES.find((candidate) => candidate.m === m && candidate.n === n);
  if (!shape) throw new Error(`There is no ${m} × ${n} tile.`);
  return { ...shape, threads: (m / shape.tm) * (n / shape.tn) };
}

/** WGSL of a vector with `value` in every lane. */
const splat = (value: string): string => `vec4<f32>(${value})`;

/**
 * acc + x.x·v₀ + x.y·v₁ + x.z·v₂ + x.w·v₃ as one chain of four fused multiply-adds, WGSL. A sum of four products that is added
 * afterwards takes five instructions.
 * @param acc, v vectors of four results
 */
export const chainOfLanes = (acc: string, x: string, v: readonly string[]): string =>
  v.reduce((sum, vector, lane) => `fma(${splat(`${x}.${'xyzw'[lane]}`)}, ${vector}, ${sum})`, acc);

/** acc + a · b of two vectors as one chain of four fused multiply-adds, WGSL. @param acc a scalar */
export const chainOfProduct = (acc: string, a: string, b: string): string =>
  range(4).reduce((sum, lane) => `fma(${a}.${'xyzw'[lane]}, ${b}.${'xyzw'[lane]}, ${sum})`, acc);

/**
 * Code that fetches `count` weight vectors which are the same for all lanes.
 * @param count vectors
 * @param address WGSL expression of vector i's index, given an expression of i; must be integer arithmetic
 * @returns `prepare`: once before the loop; `load`: in the loop, with the loop's part of the address; `use(i)`: the vector
 */
export function sharedOperand(
  name: string,
  count: number,
  lanes: number,
  buffer: string,
  address: (i: string) => string,
): { prepare: string; load: (base: string) => string; use: (i: number) => string } {
  if (lanes === 0) {
    return {
      prepare: '',
      load: (base) => `let ${name}Base = ${base};`,
      use: (i) => `${buffer}[${name}Base + ${address(`${i}u`)}]`,
    };
  }
  const loads = range(Math.ceil(count / lanes));
  return {
    prepare: loads
      .map(
        (k) =>
          `let ${name}Id${k} = min(lane + ${k * lanes}u, ${count - 1}u);\nlet ${name}At${k} = ${address(`${name}Id${k}`)};`,
      )
      .join('\n'),
    load: (base) =>
      `let ${name}Base = ${base};\n` +
      loads.map((k) => `let ${name}${k} = ${buffer}[${name}Base + ${name}At${k}];`).join('\n'),
    use: (i) => `subgroupBroadcast(${name}${Math.floor(i / lanes)}, ${i % lanes}u)`,
  };
}

export const subgroupEnable = (tile: DirectTile): string[] => (tile.lanes > 0 ? ['subgroups'] : []);

/**
 * Which columns of a strip may lie outside the image. Where strips fill the rows exactly only the padding's own columns can:
 * the first, and for stride 1 the last; all others need no test.
 */
export function columnsAtRisk(
  columns: number,
  kernel: 1 | 3,
  stride: 1 | 2,
  exact: boolean,
): (column: number) => boolean {
  if (!exact) return () => true;
  return (column) => kernel === 3 && (column === 0 || (stride === 1 && column === columns - 1));
}

/**
 * Writes one group of channels, if the tensor has it; adds to the stored value where `add` (WGSL) is true.
 * @param group channel group, among dims.out4
 * @param skip a tensor of the same shape is added too
 */
export function storeGroup(
  group: string,
  index: string,
  value: string,
  { buffer = 'y', add = 'dims.accumulate != 0u', skip = false } = {},
): string {
  const sum = skip ? ` v += skip[${index}];` : '';
  return `if (${group} < dims.out4) { var v = ${value};${sum} if (${add}) { v += ${buffer}[${index}]; } ${buffer}[${index}] = v; }`;
}

/** Casts of a kernel that multiplies in 16 bits and adds in 32; nothing where it does not. */
export const halfCasts = (half: boolean): { narrow: (value: string) => string; wide: (value: string) => string } => ({
  narrow: (value) => (half ? `vec4<f16>(${value})` : value),
  wide: (value) => (half ? `vec4<f32>(${value})` : value),
});

export const halfEnable = (half: boolean): string[] => (half ? ['f16'] : []);
