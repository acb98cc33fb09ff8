/**
 * Convolution kernels against a plain loop in float64, over the shapes that hurt: odd channels, one-pixel images, batch 1, stride 2 on
 * odd sizes, both padded sizes, every way of sharing operands. Outputs are poisoned before the run; inputs are drawn fresh each time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGpuForTests } from '../../../test/openGpu.ts';
import type { ConvLayer } from '../../domain/network.ts';
import { HYPER_BYTES, packHyper } from '../gpu/kernel.ts';
import { GpuMemory, type Slice } from '../gpu/memory.ts';
import { PipelineCache } from '../gpu/pipelines.ts';
import { Recording } from '../gpu/recording.ts';
import { TILED_SHAPES, type Tile } from '../kernels/tile.ts';
import { filterGradientDispatches, forwardDispatches, inputGradientDispatches } from './convDispatch.ts';
import { filterVectors, scratchVectors, winogradFits } from './convSizes.ts';
import { divide, type ConvRole } from './geometry.ts';
import { neutralHyper } from './hyper.ts';
import { pad4 } from './parameters.ts';

interface Shape {
  batch: number;
  size: [number, number];
  cin: number;
  cout: number;
  kernel: 1 | 3;
  stride: 1 | 2;
}

const shapes: Shape[] = [
  { batch: 2, size: [6, 6], cin: 3, cout: 5, kernel: 3, stride: 1 },
  { batch: 1, size: [1, 1], cin: 7, cout: 4, kernel: 3, stride: 1 },
  { batch: 3, size: [5, 7], cin: 5, cout: 9, kernel: 3, stride: 2 },
  { batch: 1, size: [9, 9], cin: 4, cout: 15, kernel: 3, stride: 2 },
  { batch: 2, size: [7, 5], cin: 6, cout: 10, kernel: 1, stride: 2 },
  { batch: 5, size: [4, 4], cin: 8, cout: 8, kernel: 1, stride: 1 },
  { batch: 2, size: [1, 1], cin: 12, cout: 20, kernel: 3, stride: 2 },
  { batch: 1, size: [17, 33], cin: 1, cout: 2, kernel: 3, stride: 1 },
  { batch: 2, size: [12, 11], cin: 70, cout: 68, kernel: 3, stride: 1 },
  { batch: 3, size: [13, 9], cin: 36, cout: 72, kernel: 3, stride: 2 },
  { batch: 3, size: [9, 10], cin: 20, cout: 65, kernel: 1, stride: 2 },
];

const layerOf = ({ size: [height, width], cin, cout, kernel, stride }: Shape): ConvLayer => ({
  kind: 'conv',
  name: 'conv',
  input: 'x',
  output: 'y',
  skip: null,
  in: { channels: cin, height, width },
  out: { channels: cout, height: divide(height, stride), width: divide(width, stride) },
  kernel,
  stride,
  stage: 1,
});

const draw = (length: number) => Float32Array.from({ length }, () => Math.random() * 2 - 1);

/** Plain NHWC / (ky, kx, ci, co) arrays, unpadded. */
function reference(layer: ConvLayer, batch: number, x: Float32Array, w: Float32Array, dy: Float32Array) {
  const { kernel: K, stride: S, in: I, out: O } = layer;
  const pad = (K - 1) / 2;
  const y = new Float64Array(dy.length);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < O.height; oy++)
      for (let ox = 0; ox < O.width; ox++)
        for (let ky = 0; ky < K; ky++)
          for (let kx = 0; kx < K; kx++) {
            const iy = oy * S + ky - pad;
            const ix = ox * S + kx - pad;
            if (iy < 0 || ix < 0 || iy >= I.height || ix >= I.width) continue;
            for (let ci = 0; ci < I.channels; ci++)
              for (let co = 0; co < O.channels; co++) {
                const xi = ((n * I.height + iy) * I.width + ix) * I.channels + ci;
                const yi = ((n * O.height + oy) * O.width + ox) * O.channels + co;
                const wi = ((ky * K + kx) * I.channels + ci) * O.channels + co;
                y[yi] += x[xi] * w[wi];
                dx[xi] += dy[yi] * w[wi];
                dw[wi] += x[xi] * dy[yi];
              }
          }
  return { y, dx, dw };
}

/** Rows of `channels` values, padded with zeros to a multiple of four. */
function padRows(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const padded = new Float32Array((values.length / channels) * pad4(channels));
  for (let i = 0; i < values.length; i++)
    padded[Math.floor(i / channels) * pad4(channels) + (i % channels)] = values[i];
  return padded;
}

function padWeights(w: Float32Array, layer: ConvLayer): Float32Array<ArrayBuffer> {
  const [ci4, co4] = [pad4(layer.in.channels), pad4(layer.out.channels)];
  const padded = new Float32Array(layer.kernel ** 2 * ci4 * co4);
  w.forEach((value, i) => {
    const co = i % layer.out.channels;
    const ci = Math.floor(i / layer.out.channels) % layer.in.channels;
    const tap = Math.floor(i / layer.out.channels / layer.in.channels);
    padded[(tap * ci4 + ci) * co4 + co] = value;
  });
  return padded;
}

describe('convolution kernels', () => {
  const gpu = openGpuForTests();
  let memory: GpuMemory;
  let cache: PipelineCache;
  let hyper: Slice;
  let tiles: Tile[];

  beforeAll(async () => {
    const { broadcastLanes } = await import('./defaultTiles.ts');
    const { device } = gpu();
    memory = new GpuMemory(device);
    cache = new PipelineCache(device);
    hyper = memory.allocate(HYPER_BYTES, 'hyper', GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    device.queue.writeBuffer(hyper.buffer, 0, packHyper(neutralHyper()));
    const lanes = broadcastLanes(gpu());
    tiles = [
      { kind: 'direct', pixels: 2, groups: 1, lanes: 0 },
      ...TILED_SHAPES.flatMap(({ m, n }, i): Tile[] => [{ kind: 'tiled', m, n, splits: 1 + (i % 3) }]),
    ];
    if (lanes > 0) tiles.push({ kind: 'direct', pixels: 2, groups: 2, lanes });
    tiles.push({ kind: 'winograd', product: { kind: 'direct', pixels: 2, groups: 1, lanes } });
    tiles.push({ kind: 'winograd', product: { kind: 'tiled', m: 64, n: 32, splits: 1 } });
  });
  afterAll(() => memory.dispose());

  const upload = (data: Float32Array<ArrayBuffer>) => {
    const slice = memory.allocate(data.byteLength, 'test');
    gpu().device.queue.writeBuffer(slice.buffer, 0, data);
    return slice;
  };
  const poisoned = (length: number) => upload(new Float32Array(length).fill(Number.NaN));
  const read = async (slice: Slice, length: number) => new Float32Array(await memory.read(slice, 4 * length));
  const run = async (recording: Recording) => {
    await recording.compile();
    const encoder = gpu().device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    recording.encode(pass);
    pass.end();
    gpu().device.queue.submit([encoder.finish()]);
  };
  /** Compares padded rows with the reference and demands zeros in the padding. */
  const compare = (got: Float32Array, want: Float64Array, channels: number) => {
    let error = 0;
    let norm = 0;
    got.forEach((value, i) => {
      const c = i % pad4(channels);
      if (c >= channels) return expect(value).toBe(0);
      const expected = want[Math.floor(i / pad4(channels)) * channels + c];
      error += (value - expected) ** 2;
      norm += expected ** 2;
    });
    const relative = Math.sqrt(error / Math.max(norm, 1e-30));
    expect(relative).toBeLessThan(1e-5);
    return relative;
  };

  it.each(shapes)(
    'agree with the plain loop: $batch × $size, $cin → $cout, $kernel×$kernel stride $stride',
    async (shape) => {
      const layer = layerOf(shape);
      const { batch, kernel } = shape;
      const x = draw(batch * layer.in.height * layer.in.width * layer.in.channels);
      const w = draw(kernel ** 2 * layer.in.channels * layer.out.channels);
      const dy = draw(batch * layer.out.height * layer.out.width * layer.out.channels);
      const want = reference(layer, batch, x, w, dy);
      const [in4, out4] = [pad4(layer.in.channels) / 4, pad4(layer.out.channels) / 4];
      const [X, W, DY] = [
        upload(padRows(x, layer.in.channels)),
        upload(padWeights(w, layer)),
        upload(padRows(dy, layer.out.channels)),
      ];
      for (const wanted of tiles) {
        // Winograd's transform has no filter gradient, and no other kernel and stride.
        const fitting = (role: ConvRole): Tile =>
          wanted.kind === 'winograd' && !winogradFits(role, layer) ? tiles[0] : wanted;
        if (wanted.kind === 'winograd' && fitting('forward') !== wanted) continue;
        const recording = new Recording(memory, cache, hyper);
        const yLength = batch * layer.out.height * layer.out.width * 4 * out4;
        const xLength = batch * layer.in.height * layer.in.width * 4 * in4;
        const wLength = 4 * filterVectors(layer);
        const [Y, DX, DW] = [poisoned(yLength), poisoned(xLength), poisoned(wLength)];
        const scratches: Slice[] = [];
        const scratchFor = (role: ConvRole) => {
          const made = scratchVectors(role, layer, batch, fitting(role)).map((count) => poisoned(4 * count));
          scratches.push(...made);
          return made;
        };
        const passes = [
          forwardDispatches(layer, batch, fitting('forward'), { x: X, w: W, y: Y, scratch: scratchFor('forward') }),
          inputGradientDispatches(layer, batch, fitting('input gradient'), 0, {
            dy: DY,
            w: W,
            dx: DX,
            scratch: scratchFor('input gradient'),
          }),
          filterGradientDispatches(layer, batch, fitting('filter gradient'), {
            x: X,
            dy: DY,
            dw: DW,
            scratch: scratchFor('filter gradient'),
          }),
        ];
        for (const spec of passes.flat()) recording.add(spec);
        await run(recording);
        compare(await read(Y, yLength), want.y, layer.out.channels);
        compare(await read(DX, xLength), want.dx, layer.in.channels);
        const dw = await read(DW, wLength);
        const rowsOf = Float64Array.from({ length: kernel ** 2 * 4 * in4 * layer.out.channels }, (_, i) => {
          const co = i % layer.out.channels;
          const ci = Math.floor(i / layer.out.channels) % (4 * in4);
          const tap = Math.floor(i / layer.out.channels / (4 * in4));
          return ci < layer.in.channels ? want.dw[(tap * layer.in.channels + ci) * layer.out.channels + co] : 0;
        });
        compare(dw, rowsOf, layer.out.channels);
        recording.dispose();
        for (const slice of [Y, DX, DW, ...scratches]) memory.release(slice);
      }
      for (const slice of [X, W, DY]) memory.release(slice);
      expect(gpu().failure()).toBeNull();
    },
  );
});
