/**
 * A kernel as a value: WGSL source, the buffers it binds and the numbers it takes. Everything that changes the source is in
 * `key`; shapes travel in a small uniform block so that one pipeline serves every layer of the same structure.
 *
 * Bindings are numbered in the order: dims (uniform), hyper (uniform, where asked for), then the buffers as listed.
 */

/** write: results replace what the buffer holds, except where the dispatch's `accumulate` is 1. WGSL knows only read and read_write. */
export type BufferAccess = 'read' | 'write' | 'read_write';
export type BufferType = 'vec4f' | 'f32' | 'u32' | 'vec4u';

export interface KernelBuffer {
  name: string;
  access: BufferAccess;
  type: BufferType;
}

export interface Kernel {
  /** Identifies the source text. */
  key: string;
  code: string;
  /** Names of the u32 fields of the dims block, in order. */
  dims: readonly string[];
  hyper: boolean;
  buffers: readonly KernelBuffer[];
  /** Threads per workgroup. */
  threads: number;
}

/**
 * Numbers that change from step to step: one uniform buffer, written by the host before a step is submitted.
 * f: floats, u: unsigned integers. See HyperValues for meanings.
 */
export const HYPER_FIELDS = [
  ['learningRate', 'f32'],
  ['maskLearningRate', 'f32'],
  ['momentum', 'f32'],
  ['weightDecay', 'f32'],
  ['lambda', 'f32'],
  /** Soft gate: slope s and mix of (1 − mix)·Φ(s·z) + mix·1[z > 0]. */
  ['slope', 'f32'],
  ['mix', 'f32'],
  ['soft', 'u32'],
  ['temperature', 'f32'],
  ['distillWeight', 'f32'],
  /** 1 / images of the whole step. */
  ['gradientScale', 'f32'],
  /** 1 where gradients add to those of an earlier micro batch. */
  ['accumulate', 'u32'],
  /** Position in the order of the first image, its seed, and the augmentation. */
  ['at', 'u32'],
  ['seed', 'u32'],
  ['cropPadding', 'u32'],
  ['flip', 'u32'],
  ['adam', 'u32'],
  ['beta1', 'f32'],
  ['beta2', 'f32'],
  /** 1 − β1 and 1 − β2. */
  ['fresh1', 'f32'],
  ['fresh2', 'f32'],
  ['epsilon', 'f32'],
  /** Adam: 1 − β1^t and 1 − β2^t. */
  ['correction1', 'f32'],
  ['correction2', 'f32'],
  ['trainMasks', 'u32'],
  ['trainAffine', 'u32'],
  /** First row of this micro batch among the step's images. */
  ['row', 'u32'],
  ['images', 'u32'],
  /** Mask counts: α > threshold. */
  ['threshold', 'f32'],
] as const;

export type HyperName = (typeof HYPER_FIELDS)[number][0];
export type HyperValues = Record<HyperName, number>;
export const HYPER_BYTES = Math.ceil((HYPER_FIELDS.length * 4) / 16) * 16;

const HYPER_STRUCT = `struct Hyper { ${HYPER_FIELDS.map(([name, type]) => `${name}: ${type}`).join(', ')} }`;

/** Packs hyper values as the uniform buffer holds them. */
export function packHyper(values: HyperValues): ArrayBuffer {
  const bytes = new ArrayBuffer(HYPER_BYTES);
  const view = new DataView(bytes);
  HYPER_FIELDS.forEach(([name, type], i) => {
    if (type === 'f32') view.setFloat32(4 * i, values[name], true);
    else view.setUint32(4 * i, values[name], true);
  });
  return bytes;
}

export interface KernelSource {
  key: string;
  dims?: readonly string[];
  hyper?: boolean;
  buffers: readonly (readonly [name: string, access: BufferAccess, type: BufferType])[];
  /** Threads per workgroup, (x, y, z). */
  workgroup: readonly [number, number?, number?];
  /** `enable` directives. */
  enable?: readonly string[];
  /** Functions and workgroup variables. */
  globals?: string;
  /** Body of main; sees gid, lid, wid, wgs (number of workgroups), and lane where subgroups are enabled. */
  body: string;
}

/** Assembles a kernel's WGSL from its parts. */
export function defineKernel(source: KernelSource): Kernel {
  const { dims = [], hyper = false, enable = [], workgroup } = source;
  let binding = 0;
  const declarations: string[] = [];
  if (dims.length > 0) {
    declarations.push(`struct Dims { ${dims.map((name) => `${name}: u32`).join(', ')} }`);
    declarations.push(`@group(0) @binding(${binding++}) var<uniform> dims: Dims;`);
  }
  if (hyper) {
    declarations.push(HYPER_STRUCT);
    declarations.push(`@group(0) @binding(${binding++}) var<uniform> hyper: Hyper;`);
  }
  for (const [name, access, type] of source.buffers) {
    const wgsl = type === 'vec4f' ? 'vec4<f32>' : type === 'vec4u' ? 'vec4<u32>' : type;
    declarations.push(
      `@group(0) @binding(${binding++}) var<storage, ${access === 'read' ? 'read' : 'read_write'}> ${name}: array<${wgsl}>;`,
    );
  }
  const size = [workgroup[0], workgroup[1] ?? 1, workgroup[2] ?? 1];
  const lane = enable.includes('subgroups') ? ', @builtin(subgroup_invocation_id) lane: u32' : '';
  const code = `${enable.map((name) => `enable ${name};\n`).join('')}${declarations.join('\n')}
${source.globals ?? ''}
@compute @workgroup_size(${size.join(', ')})
fn main(@builtin(global_invocation_id) gid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>,
        @builtin(workgroup_id) wid: vec3<u32>, @builtin(num_workgroups) wgs: vec3<u32>${lane}) {
${source.body}
}
`;
  return {
    key: source.key,
    code,
    dims,
    hyper,
    threads: size[0] * size[1] * size[2],
    buffers: source.buffers.map(([name, access, type]) => ({ name, access, type })),
  };
}

/** 0 … n − 1. */
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Lines of generated code for i in 0 … n − 1. */
export const unroll = (n: number, line: (i: number) => string): string => range(n).map(line).join('\n');
