/**
 * Where every parameter lives on the GPU, and how PyTorch's layout maps to it.
 *
 * Groups are long buffers cut into blocks of 256 floats, so that one optimizer dispatch walks a whole group and any parameter can be
 * bound alone. `small` holds what kernels address by offset (norms, affines, the classifier's bias); `large` chunks hold what is bound
 * slice by slice (convolutions, classifier, masks). Gradients and moments mirror them. Running statistics have a buffer of their own.
 *
 * Device layouts, channels padded to multiples of four with zeros:
 *   convolution (O,I,kh,kw)  [kh][kw][I][O]      vector (C)  [C]      classifier (K,C)  [K][C]
 *   mask (C,H,W)             [H][W][C]           mask (C,1,1)  [C]    mask over prototypes (P,H,W)  [H][W][C], others 0
 */
import type { GateMap } from '../../domain/gateMap.ts';
import { gateOf } from '../../domain/gateMap.ts';
import { parametersOf, sitesOf, type NetworkSpec } from '../../domain/network.ts';
import type { HostTensor, TensorMap } from '../api.ts';
import { gateParametersOf } from '../gateParameters.ts';
import { BLOCK_FLOATS, BLOCK_KIND } from '../kernels/optimizer.ts';
import type { GpuMemory, Slice } from '../gpu/memory.ts';

export const pad4 = (channels: number): number => Math.ceil(channels / 4) * 4;

export interface Region {
  name: string;
  shape: number[];
  group: 'small' | 'large' | 'running';
  /** Index of the large chunk. */
  chunk: number;
  /** Floats. */
  offset: number;
  length: number;
  kind: number;
  /** Device stride of each axis of `shape`, in floats. */
  strides: number[];
  /** Device index along the first axis, where it is not the identity (prototypes). */
  rows: number[] | null;
  /** Value of a parameter that the weights do not name; undefined: it must be named. */
  initial: number | undefined;
}

export interface ParameterLayout {
  regions: Map<string, Region>;
  /** Floats. */
  small: number;
  large: number[];
  running: number;
}

/** Assigns every parameter of a gated network its place. @param chunkFloats most floats of one large chunk */
export function layoutOf(network: NetworkSpec, gates: GateMap, chunkFloats: number): ParameterLayout {
  const regions = new Map<string, Region>();
  const ends = { small: 0, running: 0 };
  const large = [0];
  const add = (
    name: string,
    shape: number[],
    group: Region['group'],
    kind: number,
    length: number,
    strides: number[],
    rest: Partial<Region> = {},
  ) => {
    const padded = Math.ceil(length / BLOCK_FLOATS) * BLOCK_FLOATS;
    let chunk = 0;
    let offset: number;
    if (group === 'large') {
      if (large[large.length - 1] > 0 && large[large.length - 1] + padded > chunkFloats) large.push(0);
      chunk = large.length - 1;
      offset = large[chunk];
      large[chunk] += padded;
    } else {
      offset = ends[group];
      ends[group] += padded;
    }
    regions.set(name, {
      name,
      shape,
      group,
      chunk,
      offset,
      length,
      kind,
      strides,
      rows: null,
      initial: undefined,
      ...rest,
    });
  };

  for (const { name, shape, role } of parametersOf(network)) {
    if (role === 'conv') {
      const [out, input, kernel] = shape;
      const o = pad4(out);
      const tap = pad4(input) * o;
      add(name, shape, 'large', BLOCK_KIND.weight, kernel * kernel * tap, [1, o, kernel * tap, tap]);
    } else if (role === 'fc-weight') {
      const c = pad4(shape[1]);
      add(name, shape, 'large', BLOCK_KIND.weight, shape[0] * c, [c, 1]);
    } else {
      const group = role === 'running-mean' || role === 'running-var' ? 'running' : 'small';
      add(name, shape, group, BLOCK_KIND.weight, pad4(shape[0]), [1]);
    }
  }
  const sites = new Map(sitesOf(network).map((site) => [site.id, site]));
  for (const { name, shape, site, role, initial } of gateParametersOf(network, gates)) {
    if (role !== 'alpha') {
      add(name, shape, 'small', BLOCK_KIND.affine, pad4(shape[0]), [1], { initial });
      continue;
    }
    const [channels, height, width] = sites.get(site)!.shape;
    const c = pad4(channels);
    const gate = gateOf(gates, site);
    const rows = gate.kind === 'share' ? gate.prototypes : null;
    const positions = shape[1] === 1 && gate.kind === 'mask' && gate.granularity === 'channel' ? 1 : height * width;
    add(name, shape, 'large', BLOCK_KIND.mask, positions * c, [1, (positions === 1 ? 1 : width) * c, c], {
      rows,
      initial,
    });
  }
  return { regions, small: ends.small, large, running: ends.running };
}

/** Visits (host index, device index) of every element of a region. */
function walk(region: Region, visit: (host: number, device: number) => void): void {
  const { shape, strides, rows } = region;
  const [d0 = 1, d1 = 1, d2 = 1, d3 = 1] = shape;
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = strides;
  let host = 0;
  for (let i = 0; i < d0; i++) {
    const first = (rows ? rows[i] : i) * s0;
    for (let j = 0; j < d1; j++)
      for (let k = 0; k < d2; k++) for (let l = 0; l < d3; l++) visit(host++, first + j * s1 + k * s2 + l * s3);
  }
}

export type ParameterCopy = 'parameters' | 'gradients' | 'first' | 'second';

/** The groups of one network on the GPU. A frozen network (teacher) has parameters alone. */
export class ParameterStore {
  readonly small = new Map<ParameterCopy, Slice>();
  readonly large = new Map<ParameterCopy, Slice[]>();
  readonly running: Slice;

  constructor(
    private readonly memory: GpuMemory,
    readonly layout: ParameterLayout,
    kinds: readonly ParameterCopy[],
    name: string,
  ) {
    for (const kind of kinds) {
      this.small.set(kind, memory.allocate(4 * layout.small, `${name} ${kind}`));
      this.large.set(
        kind,
        layout.large.map((floats, i) => memory.allocate(4 * floats, `${name} ${kind} ${i}`)),
      );
    }
    this.running = memory.allocate(4 * layout.running, `${name} running statistics`);
  }

  region(name: string): Region {
    const region = this.layout.regions.get(name);
    if (!region) throw new Error(`This network has no parameter ${name}.`);
    return region;
  }

  /** What a kernel binds for one parameter. */
  slice(kind: ParameterCopy, name: string): Slice {
    const region = this.region(name);
    const group =
      region.group === 'large'
        ? this.large.get(kind)![region.chunk]
        : region.group === 'small'
          ? this.small.get(kind)!
          : this.running;
    return { buffer: group.buffer, offset: 4 * region.offset, size: 4 * Math.ceil(region.length / 4) * 4 };
  }

  /** Offset of a small or running parameter in vectors. */
  vector(name: string): number {
    return this.region(name).offset / 4;
  }

  #groups(kind: ParameterCopy): { slice: Slice; holds: (region: Region) => boolean }[] {
    return [
      { slice: this.small.get(kind)!, holds: (r) => r.group === 'small' },
      ...this.large
        .get(kind)!
        .map((slice, i) => ({ slice, holds: (r: Region) => r.group === 'large' && r.chunk === i })),
      ...(kind === 'parameters' ? [{ slice: this.running, holds: (r: Region) => r.group === 'running' }] : []),
    ];
  }

  /**
   * Writes tensors of one kind. Missing ones: their initial value (gate parameters), else an error that names them; for moments zero.
   * @throws RangeError naming the tensor that is missing or has another shape.
   */
  write(kind: ParameterCopy, tensors: TensorMap, prefix = ''): void {
    for (const { slice, holds } of this.#groups(kind)) {
      const data = new Float32Array(slice.size / 4);
      for (const region of this.layout.regions.values()) {
        if (!holds(region)) continue;
        const tensor = tensors.get(prefix + region.name);
        const view = data.subarray(region.offset, region.offset + region.length);
        if (!tensor) {
          const value = kind === 'parameters' ? region.initial : 0;
          if (value === undefined)
            throw new RangeError(`The weights lack ${region.name}, ${JSON.stringify(region.shape)}.`);
          walk(region, (_, device) => (view[device] = value));
          continue;
        }
        if (tensor.shape.join() !== region.shape.join())
          throw new RangeError(
            `${region.name} has shape [${tensor.shape.join(', ')}]; this network needs [${region.shape.join(', ')}].`,
          );
        walk(region, (host, device) => (view[device] = tensor.data[host]));
      }
      this.memory.device.queue.writeBuffer(slice.buffer, slice.offset, data);
    }
  }

  async read(kind: ParameterCopy, prefix = ''): Promise<TensorMap> {
    const result: TensorMap = new Map();
    for (const { slice, holds } of this.#groups(kind)) {
      const data = new Float32Array(await this.memory.read(slice));
      for (const region of this.layout.regions.values()) {
        if (!holds(region)) continue;
        const host: HostTensor = {
          shape: [...region.shape],
          data: new Float32Array(region.shape.reduce((a, b) => a * b, 1)),
        };
        const view = data.subarray(region.offset, region.offset + region.length);
        walk(region, (h, device) => (host.data[h] = view[device]));
        result.set(prefix + region.name, host);
      }
    }
    // The order in a group is not the network's: give names back in forward order.
    return new Map(
      [...this.layout.regions.keys()]
        .filter((name) => result.has(prefix + name))
        .map((name) => [prefix + name, result.get(prefix + name)!]),
    );
  }

  /** What every block of a group holds, for the optimizer: kind in the low byte; mask blocks are numbered in the rest. */
  blockKinds(group: 'small' | number): Uint32Array<ArrayBuffer> {
    const floats = group === 'small' ? this.layout.small : this.layout.large[group];
    const kinds = new Uint32Array(floats / BLOCK_FLOATS);
    for (const region of this.layout.regions.values()) {
      if (group === 'small' ? region.group !== 'small' : region.group !== 'large' || region.chunk !== group) continue;
      kinds.fill(region.kind, region.offset / BLOCK_FLOATS, Math.ceil((region.offset + region.length) / BLOCK_FLOATS));
    }
    let masks = 0;
    return kinds.map((kind) => (kind === BLOCK_KIND.mask ? kind | (masks++ << 8) : kind));
  }

  dispose(): void {
    for (const slice of [...this.small.values(), ...[...this.large.values()].flat(), this.running])
      this.memory.release(slice);
  }
}
