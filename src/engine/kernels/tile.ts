/**
 * The register tile of a convolution kernel and the ways its lanes share operands.
 *
 * Each thread keeps a tile of accumulators: `pixels` neighbouring pixels × 4·`groups` channels. One operand is the same for all
 * lanes of a subgroup; `lanes` says how it is fetched:
 *
 *   0    every lane loads it (needs nothing; the caches of a GPU serve it)
 *   n    a subgroup of exactly n lanes loads a different vector each and broadcasts (needs subgroups of fixed size n);
 *        on software rasterisers, where every lane of a load is a load of its own, this halves the time
 *
 * Channels are padded to multiples of four everywhere on the GPU and padding lanes hold zeros, so that all loads are vec4.
 */
import { range } from '../gpu/kernel.ts';

export interface ConvTile {
  kind: 'direct';
  pixels: number;
  groups: number;
  lanes: number;
}

/** A register tile, or the fixed tile in workgroup memory (convTiled.ts, filterGradientTiled.ts). */
export type Tile = ConvTile | { kind: 'tiled' };

export const tileKey = (tile: ConvTile): string => `p${tile.pixels}q${tile.groups}l${tile.lanes}`;

export const PIXEL_THREADS = 64;

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

export const subgroupEnable = (tile: ConvTile): string[] => (tile.lanes > 0 ? ['subgroups'] : []);

/**
 * Which columns of a strip may lie beside the picture. Where strips fill the rows exactly only the padding's own columns can:
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
 * Writes one group of channels, if the tensor has it, onto what is there already where `add` (WGSL) is true.
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
