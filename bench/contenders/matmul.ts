/**
 * The measure of the device: float32 matrix products C = A · B, N × N, in several kernels. The best of them is the "peak" that a
 * training step's rate is compared with.
 *
 *   registers   a thread owns tm × tn elements of C; A is stored transposed, so that each k needs tm/4 + tn/4 vec4 loads
 *   shared      a workgroup owns bm × bn; blocks of bk rows of Aᵀ and B pass through workgroup memory
 *   broadcast   a thread owns tm rows × tn columns; A as it is; threads run over rows, so that B is the same for all of a subgroup:
 *               each of its lanes loads one vector of B and broadcasts it (the studio's convolutions do the same), 4 k at a time
 */
import type { Gpu } from '../../src/engine/device.ts';
import { broadcastLanes } from '../../src/engine/studio/defaultTiles.ts';

interface Kernel {
  name: string;
  /** Elements of C a thread, rows and columns; multiples of 4. */
  tm: number;
  tn: number;
  /** Threads per workgroup, rows and columns. */
  gy: number;
  gx: number;
  /** Rows of k that pass through workgroup memory at once; 0: none. */
  bk: number;
  /** B broadcast within subgroups; only where their size is fixed. */
  broadcast?: boolean;
}

const KERNELS: Kernel[] = [
  { name: 'registers 8×8', tm: 8, tn: 8, gy: 8, gx: 8, bk: 0 },
  { name: 'registers 8×8, 4×4 threads', tm: 8, tn: 8, gy: 4, gx: 4, bk: 0 },
  { name: 'registers 4×8', tm: 4, tn: 8, gy: 8, gx: 8, bk: 0 },
  { name: 'registers 4×16', tm: 4, tn: 16, gy: 8, gx: 8, bk: 0 },
  { name: 'shared 128×64, 8×8', tm: 8, tn: 8, gy: 16, gx: 8, bk: 16 },
  { name: 'shared 64×64, 4×4', tm: 4, tn: 4, gy: 16, gx: 16, bk: 16 },
  { name: 'shared 64×64, 8×4', tm: 8, tn: 4, gy: 8, gx: 16, bk: 16 },
  { name: 'shared 128×128, 8×8', tm: 8, tn: 8, gy: 16, gx: 16, bk: 8 },
  { name: 'broadcast 8×8', tm: 8, tn: 8, gy: 64, gx: 1, bk: 0, broadcast: true },
  { name: 'broadcast 4×8', tm: 4, tn: 8, gy: 64, gx: 1, bk: 0, broadcast: true },
];

const lines = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

/** One step of k: the outer product of tm elements of A's column and tn of B's row. */
function outerProduct({ tm, tn }: Kernel, a: (q: number) => string, b: (q: number) => string): string {
  const [qm, qn] = [tm / 4, tn / 4];
  const load = lines(qm, (q) => `let a${q} = ${a(q)};`) + '\n' + lines(qn, (q) => `let b${q} = ${b(q)};`);
  return (
    load +
    '\n' +
    lines(
      tm * qn,
      (i) => `c${i} = fma(vec4f(a${Math.floor(i / qn / 4)}[${Math.floor(i / qn) % 4}]), b${i % qn}, c${i});`,
    )
  );
}

function source(kernel: Kernel, n: number): string {
  const { tm, tn, gy, gx, bk } = kernel;
  const [bm, bn, qn] = [tm * gy, tn * gx, tn / 4];
  const threads = gy * gx;
  const store = lines(
    tm * qn,
    (i) => `c[(row + ${Math.floor(i / qn)}u) * ${n / 4}u + column / 4u + ${i % qn}u] = c${i};`,
  );
  const share = (name: string, columns: number) => {
    const quads = (bk * columns) / 4;
    return lines(Math.ceil(quads / threads), (i) => {
      const body = `s${name}[q] = ${name}[(k0 + q / ${columns / 4}u) * ${n / 4}u + first${name} + q % ${columns / 4}u];`;
      return `{ let q = thread + ${i * threads}u; ${quads % threads ? `if (q < ${quads}u) { ${body} }` : body} }`;
    });
  };
  const inner = bk
    ? `for (var k0 = 0u; k0 < ${n}u; k0 += ${bk}u) {
        ${share('a', bm)}
        ${share('b', bn)}
        workgroupBarrier();
        for (var k = 0u; k < ${bk}u; k++) {
          ${outerProduct(
            kernel,
            (q) => `sa[k * ${bm / 4}u + local.y * ${tm / 4}u + ${q}u]`,
            (q) => `sb[k * ${bn / 4}u + local.x * ${qn}u + ${q}u]`,
          )}
        }
        workgroupBarrier();
      }`
    : `for (var k = 0u; k < ${n}u; k++) {
        ${outerProduct(
          kernel,
          (q) => `a[k * ${n / 4}u + row / 4u + ${q}u]`,
          (q) => `b[k * ${n / 4}u + column / 4u + ${q}u]`,
        )}
      }`;
  return /* wgsl */ `
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
${bk ? `var<workgroup> sa: array<vec4f, ${(bk * bm) / 4}>;\nvar<workgroup> sb: array<vec4f, ${(bk * bn) / 4}>;` : ''}
@compute @workgroup_size(${gx}, ${gy})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_id) local: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = group.y * ${bm}u + local.y * ${tm}u;
  let column = group.x * ${bn}u + local.x * ${tn}u;
  ${bk ? `let firsta = group.y * ${bm / 4}u;\nlet firstb = group.x * ${bn / 4}u;` : ''}
  ${lines(tm * qn, (i) => `var c${i} = vec4f();`)}
  ${inner}
  ${store}
}`;
}

function broadcastSource({ tm, tn, gy }: Kernel, n: number, lanes: number): string {
  const qn = tn / 4;
  const loads = Math.ceil((4 * qn) / lanes);
  const products = lines(qn, (j) => {
    const vectors = lines(
      4,
      (l) => `let v${l} = subgroupBroadcast(b${Math.floor((l * qn + j) / lanes)}, ${(l * qn + j) % lanes}u);`,
    );
    const sums = lines(tm, (i) => `c${i * qn + j} += a${i}.x * v0 + a${i}.y * v1 + a${i}.z * v2 + a${i}.w * v3;`);
    return `{ ${vectors}\n${sums} }`;
  });
  return /* wgsl */ `
enable subgroups;
@group(0) @binding(0) var<storage, read> a: array<vec4f>;
@group(0) @binding(1) var<storage, read> b: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> c: array<vec4f>;
@compute @workgroup_size(${gy})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32, @builtin(subgroup_invocation_id) lane: u32) {
  let row = (group.y * ${gy}u + thread) * ${tm}u;
  let column = group.x * ${qn}u;
  ${lines(tm * qn, (i) => `var c${i} = vec4f();`)}
  for (var k = 0u; k < ${n / 4}u; k++) {
    ${lines(tm, (i) => `let a${i} = a[(row + ${i}u) * ${n / 4}u + k];`)}
    ${lines(loads, (i) => `let id${i} = min(lane + ${i * lanes}u, ${4 * qn - 1}u);\nlet b${i} = b[(4u * k + id${i} / ${qn}u) * ${n / 4}u + column + id${i} % ${qn}u];`)}
    ${products}
  }
  ${lines(tm * qn, (i) => `c[(row + ${Math.floor(i / qn)}u) * ${n / 4}u + column + ${i % qn}u] = c${i};`)}
}`;
}

export interface MatmulRate {
  kernel: string;
  n: number;
  gflops: number;
}

interface Prepared {
  kernel: Kernel;
  pipeline: GPUComputePipeline;
  bind: GPUBindGroup;
}

/** Matrices of one size on the GPU, and the kernels that fit the device. */
export class MatmulBench {
  private readonly prepared: Prepared[] = [];
  private readonly gpu: Gpu;
  readonly n: number;

  private constructor(gpu: Gpu, n: number) {
    this.gpu = gpu;
    this.n = n;
  }

  /** @throws Error where a kernel's product is wrong: a rate of a wrong result is worth nothing. */
  static async open(gpu: Gpu, n: number): Promise<MatmulBench> {
    const bench = new MatmulBench(gpu, n);
    const { device } = gpu;
    const buffer = (values: Float32Array<ArrayBuffer> | null) => {
      const made = device.createBuffer({
        size: 4 * n * n,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
      });
      if (values) device.queue.writeBuffer(made, 0, values);
      return made;
    };
    const value = (seed: number, i: number) => (Math.imul(i + seed, 2654435761) >>> 8) / 2 ** 24 - 0.5;
    const transposedA = Float32Array.from({ length: n * n }, (_, i) => value(1, i));
    const valuesB = Float32Array.from({ length: n * n }, (_, i) => value(7, i));
    const plainA = Float32Array.from({ length: n * n }, (_, i) => transposedA[(i % n) * n + Math.floor(i / n)]);
    const [at, a, b, c] = [buffer(transposedA), buffer(plainA), buffer(valuesB), buffer(null)];
    const lanes = broadcastLanes(gpu);
    for (const kernel of KERNELS) {
      const { tm, tn, gy, gx, bk } = kernel;
      const { maxComputeInvocationsPerWorkgroup: threads, maxComputeWorkgroupStorageSize: storage } = device.limits;
      if (kernel.broadcast && lanes === 0) continue;
      if (n % (tm * gy) || n % (tn * gx) || gy * gx > threads || 4 * bk * (tm * gy + tn * gx) > storage) continue;
      const module = device.createShaderModule({
        code: kernel.broadcast ? broadcastSource(kernel, n, lanes) : source(kernel, n),
        label: kernel.name,
      });
      const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
      const bind = device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [kernel.broadcast ? a : at, b, c].map((resource, binding) => ({
          binding,
          resource: { buffer: resource },
        })),
      });
      bench.prepared.push({ kernel, pipeline, bind });
      bench.enqueue(bench.prepared[bench.prepared.length - 1], 1);
      await bench.check(c, transposedA, valuesB, kernel.name);
    }
    return bench;
  }

  private enqueue({ kernel, pipeline, bind }: Prepared, times: number): void {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bind);
    for (let i = 0; i < times; i++)
      pass.dispatchWorkgroups(this.n / (kernel.tn * kernel.gx), this.n / (kernel.tm * kernel.gy));
    pass.end();
    this.gpu.device.queue.submit([encoder.finish()]);
  }

  private async check(c: GPUBuffer, transposedA: Float32Array, b: Float32Array, name: string): Promise<void> {
    const { device } = this.gpu;
    const staging = device.createBuffer({ size: c.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(c, 0, staging, 0, c.size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const found = new Float32Array(staging.getMappedRange());
    for (const [row, column] of [
      [0, 0],
      [1, 7],
      [this.n - 1, this.n - 1],
      [this.n / 2 + 3, 5],
      [13, this.n - 6],
    ]) {
      let expected = 0;
      for (let k = 0; k < this.n; k++) expected += transposedA[k * this.n + row] * b[k * this.n + column];
      const got = found[row * this.n + column];
      if (!(Math.abs(got - expected) < 1e-3 * Math.sqrt(this.n)))
        throw new Error(`Matmul kernel "${name}" gives ${got} where ${expected} was due.`);
    }
    staging.destroy();
  }

  /** Every kernel once, at least `milliseconds` each. */
  async measure(milliseconds: number): Promise<MatmulRate[]> {
    const { queue } = this.gpu.device;
    const rates: MatmulRate[] = [];
    for (const prepared of this.prepared) {
      let times = 1;
      for (;;) {
        const start = performance.now();
        this.enqueue(prepared, times);
        await queue.onSubmittedWorkDone();
        const elapsed = performance.now() - start;
        if (elapsed >= milliseconds) {
          rates.push({ kernel: prepared.kernel.name, n: this.n, gflops: (2 * this.n ** 3 * times) / elapsed / 1e6 });
          break;
        }
        times = Math.ceil(times * Math.min(10, Math.max(1.5, (1.2 * milliseconds) / elapsed)));
      }
    }
    return rates;
  }
}
