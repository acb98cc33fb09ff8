/**
 * The network in the clear, twice: in the protocol's fixed point, which the protocol must match, and in float64, which shows what the
 * fixed point costs.
 */
import { applyMap, inputSize, outputSize } from './linearMap.ts';
import type { ConvMap } from './linearMap.ts';
import { FRACTION_BITS, WEIGHT_BITS } from './program.ts';
import type { GateStep, LinearStep, Program } from './program.ts';
import { add, fromReals, integerAt, multiply, setInteger, subtract, toReals, truncateValue, repeated } from './ring.ts';
import type { RingVector } from './ring.ts';
import { quantize } from './serverWeights.ts';
import type { LinearWeights, QuantizedWeights } from './serverWeights.ts';
import { addBias, forImages, poolSums, readInputs, writeOutput } from './stepInputs.ts';

/** Fixed-point logits of normalised images, (N · C·H·W) → (N · classes). */
export function runFixed(program: Program, weights: readonly LinearWeights[], images: Float64Array): Float64Array {
  const quantized = weights.map(quantize);
  const count = images.length / program.sizes.get(program.input)!;
  const tensors = new Map<string, RingVector>([[program.input, fromReals(images, FRACTION_BITS)]]);
  const bits = new Map<string, Uint8Array>();
  for (const step of program.steps) {
    if (step.kind === 'linear')
      tensors.set(step.output, fixedLinear(step, program, quantized[step.index], tensors, count));
    else if (step.kind === 'add')
      tensors.set(step.output, add(tensors.get(step.inputs[0])!, tensors.get(step.inputs[1])!));
    else if (step.kind === 'pool') tensors.set(step.output, poolSums(tensors.get(step.input)!, step.positions));
    else tensors.set(step.output, fixedGate(step, program, tensors.get(step.input)!, bits, count));
  }
  return toReals(tensors.get(program.output)!, FRACTION_BITS);
}

function fixedLinear(
  step: LinearStep,
  program: Program,
  { weights, bias }: QuantizedWeights,
  tensors: Map<string, RingVector>,
  count: number,
): RingVector {
  const size = program.sizes.get(step.inputs[0])!;
  const y = addBias(applyMap(step.map, weights, readInputs(step, size, tensors, count), count), bias);
  // The bias holds half a unit already: truncateValue would add it twice.
  const floor = truncateValue(subtract(y, repeated(y.length / 2, 2 ** (WEIGHT_BITS - 1))), WEIGHT_BITS);
  return writeOutput(step, size, tensors, count, floor);
}

function fixedGate(step: GateStep, program: Program, z: RingVector, bits: Map<string, Uint8Array>, count: number) {
  const size = program.sizes.get(step.input)!;
  const compared = forImages(step.compared, size, count);
  bits.set(
    step.site,
    Uint8Array.from(compared, (neuron) => (integerAt(z, neuron) > 0 ? 1 : 0)),
  );
  const p = z.slice();
  const consulted = bits.get(step.owner)!;
  const places = forImages(step.bit, consulted.length / count, count);
  forImages(step.multiplexed, size, count).forEach((neuron, i) => {
    if (!consulted[places[i]]) setInteger(p, neuron, 0);
  });
  const squared = forImages(step.squared, size, count);
  if (squared.length > 0) {
    const square = truncateValue(multiply(z, z), FRACTION_BITS);
    for (const neuron of squared) p.set(square.subarray(2 * neuron, 2 * neuron + 2), 2 * neuron);
  }
  return p;
}

export interface FloatResult {
  logits: Float64Array;
  /** Largest |z| before a gate and largest |output| of a linear step. */
  largest: number;
  /** Smallest |z| of a comparison; Infinity without any. Below the protocol's error a comparison may come out either way. */
  nearest: number;
}

/** Logits in float64, and the largest activation met: what the fixed point's range must hold. */
export function runFloat(program: Program, weights: readonly LinearWeights[], images: Float64Array): FloatResult {
  const count = images.length / program.sizes.get(program.input)!;
  const tensors = new Map<string, Float64Array>([[program.input, images]]);
  const bits = new Map<string, Uint8Array>();
  let largest = 0;
  let nearest = Infinity;
  for (const step of program.steps) {
    let output: Float64Array;
    if (step.kind === 'linear') {
      output = floatLinear(step, program, weights[step.index], tensors, count);
      largest = output.reduce((most, value) => Math.max(most, Math.abs(value)), largest);
    } else if (step.kind === 'add') {
      const other = tensors.get(step.inputs[1])!;
      output = tensors.get(step.inputs[0])!.map((value, i) => value + other[i]);
    } else if (step.kind === 'pool') {
      const values = tensors.get(step.input)!;
      const { positions } = step;
      output = new Float64Array(values.length / positions);
      values.forEach((value, i) => (output[Math.floor(i / positions)] += value));
    } else {
      const z = tensors.get(step.input)!;
      const compared = forImages(step.compared, program.sizes.get(step.input)!, count);
      nearest = compared.reduce((least, neuron) => Math.min(least, Math.abs(z[neuron])), nearest);
      output = floatGate(step, program, z, bits, count);
    }
    tensors.set(step.output, output);
  }
  return { logits: tensors.get(program.output)!, largest, nearest };
}

function floatGate(step: GateStep, program: Program, z: Float64Array, bits: Map<string, Uint8Array>, count: number) {
  const size = program.sizes.get(step.input)!;
  bits.set(
    step.site,
    Uint8Array.from(forImages(step.compared, size, count), (neuron) => (z[neuron] > 0 ? 1 : 0)),
  );
  const p = z.slice();
  const consulted = bits.get(step.owner)!;
  const places = forImages(step.bit, consulted.length / count, count);
  forImages(step.multiplexed, size, count).forEach((neuron, i) => {
    if (!consulted[places[i]]) p[neuron] = 0;
  });
  for (const neuron of forImages(step.squared, size, count)) p[neuron] = z[neuron] ** 2;
  return p;
}

function floatLinear(
  step: LinearStep,
  program: Program,
  { weights, bias }: LinearWeights,
  tensors: Map<string, Float64Array>,
  count: number,
): Float64Array {
  const { map } = step;
  const outputs = outputSize(map);
  const y = new Float64Array(count * outputs);
  if (map.kind === 'conv') {
    const x = tensors.get(step.inputs[0])!;
    const inputs = inputSize(map);
    for (let image = 0; image < count; image++)
      floatConv(map, weights, x.subarray(image * inputs), y.subarray(image * outputs, (image + 1) * outputs));
    for (let i = 0; i < y.length; i++) y[i] += bias[i % outputs];
    return y;
  }
  const size = program.sizes.get(step.inputs[0])!;
  const result = tensors.get(step.inputs[0])!.slice();
  for (let image = 0; image < count; image++)
    for (let n = 0; n < outputs; n++) {
      const neuron = image * size + (step.neurons?.[n] ?? n);
      let sum = bias[n];
      step.inputs.forEach((name, term) => {
        sum += weights[term * map.channels + map.channel[n]] * tensors.get(name)![neuron];
      });
      result[neuron] = sum;
    }
  return result;
}

function floatConv(map: ConvMap, weights: Float64Array, x: Float64Array, y: Float64Array): void {
  const [inputs, height, width] = map.in;
  const [outputs, outHeight, outWidth] = map.out;
  const { kernel, stride } = map;
  const pad = (kernel - 1) / 2;
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < inputs; c++)
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++) {
          const w = weights[((o * inputs + c) * kernel + ky) * kernel + kx];
          for (let oy = 0; oy < outHeight; oy++) {
            const iy = oy * stride + ky - pad;
            if (iy < 0 || iy >= height) continue;
            for (let ox = 0; ox < outWidth; ox++) {
              const ix = ox * stride + kx - pad;
              if (ix >= 0 && ix < width)
                y[(o * outHeight + oy) * outWidth + ox] += w * x[(c * height + iy) * width + ix];
            }
          }
        }
}
