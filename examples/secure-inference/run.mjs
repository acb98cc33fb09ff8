/**
 * Two parties compute a network's logits on an image that neither of them knows: shares of it are all they have.
 *
 *   node run.mjs --gates gates.json --weights model.safetensors [--image FILE] [--seed N] [--batch N]
 *
 * The weights are public. Linear steps are local, on additive shares modulo 2^64 in fixed point (16 fractional bits; SecureML's
 * truncation); gates run in EMP's authenticated garbling (emp-wasm). Both parties live in this process and talk over a counted
 * channel; put a socket in its place to part them. Prints one JSON object, with the logits of the same network in the clear.
 */
import { randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { BufferedIO, secureMPC } from 'emp-wasm';
import { gateCircuit, RING_BITS, VALUE_BITS } from './circuit.mjs';

const FRACTION = 16n;
const ONE = 2 ** Number(FRACTION);
const ring = (value) => BigInt.asIntN(RING_BITS, value);
const fixed = (value) => BigInt(Math.round(value * ONE));
const random64 = () => ring(randomFillSync(new BigUint64Array(1))[0]);
const randomBit = () => randomFillSync(new Uint8Array(1))[0] & 1;

const { values: options } = parseArgs({
  options: {
    gates: { type: 'string' },
    weights: { type: 'string' },
    image: { type: 'string' },
    seed: { type: 'string', default: '1' },
    batch: { type: 'string', default: '64' },
  },
});

// ---------------------------------------------------------------- files
const list = JSON.parse(readFileSync(options.gates, 'utf8'));
if (list.format !== 'relu-studio/gates' || list.version !== 1)
  throw new Error('--gates is no list of gates, version 1');

/** name → { shape, data: number[] } */
function readSafetensors(bytes) {
  const size = Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...header } = JSON.parse(bytes.subarray(8, 8 + size));
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => [
        name,
        { shape, data: Array.from({ length: (to - from) / 4 }, (_, i) => bytes.readFloatLE(8 + size + from + 4 * i)) },
      ],
    ),
  );
}
const weights = readSafetensors(readFileSync(options.weights));

/** One 0 or 1 per neuron. */
function unpack({ data, count }, length) {
  const bytes = Buffer.from(data, 'base64');
  const bits = Array.from({ length }, (_, i) => (bytes[i >> 3] >> (7 - (i & 7))) & 1);
  if (bits.reduce((sum, bit) => sum + bit, 0) !== count) throw new Error('a count does not match its bits');
  return bits;
}

// ---------------------------------------------------------------- linear steps, for numbers and for shares alike
/** Arithmetic in the clear. */
const CLEAR = { zero: 0, add: (a, b) => a + b, scale: (x, w) => x * w, constant: (c) => c, narrow: (x) => x };
/** Arithmetic of one party: products have twice the fraction until `narrow` cuts it. Party 0 adds the constants. */
const shareOf = (party) => ({
  zero: 0n,
  add: (a, b) => ring(a + b),
  scale: (x, w) => ring(x * fixed(w)),
  constant: (c) => (party === 0 ? fixed(c) << FRACTION : 0n),
  narrow: (x) => (party === 0 ? x >> FRACTION : -(-x >> FRACTION)),
});

const mapped = ({ shape, data }, by) => ({
  shape,
  data: data.map((x, i) => by(x, Math.floor(i / (shape[1] * shape[2])))),
});

function linear(step, values, math) {
  if (step.op === 'add') {
    const [a, b] = step.inputs.map((name) => values[name]);
    return { shape: a.shape, data: a.data.map((x, i) => math.add(x, b.data[i])) };
  }
  const input = values[step.input];
  const [channels, height, width] = input.shape;
  if (step.op === 'norm') {
    const [w, b, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(
      (s) => weights[`${step.norm}.${s}`].data,
    );
    const scale = w.map((value, c) => value / Math.sqrt(variance[c] + step.epsilon));
    return mapped(input, (x, c) =>
      math.narrow(math.add(math.scale(x, scale[c]), math.constant(b[c] - mean[c] * scale[c]))),
    );
  }
  if (step.op === 'classify') {
    const { shape, data } = weights[step.weight];
    const size = height * width;
    return {
      shape: [shape[0]],
      data: Array.from({ length: shape[0] }, (_, k) => {
        let sum = math.constant(weights[step.bias].data[k]);
        for (let c = 0; c < channels; c++) {
          const pooled = input.data.slice(c * size, (c + 1) * size).reduce(math.add);
          sum = math.add(sum, math.scale(pooled, data[k * channels + c] / size));
        }
        return math.narrow(sum);
      }),
    };
  }
  // conv
  const { data: w, shape } = weights[step.weight];
  const side = (n) => Math.floor((n + 2 * step.padding - step.kernel) / step.stride) + 1;
  const [rows, columns] = [side(height), side(width)];
  const out = [];
  for (let o = 0; o < shape[0]; o++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        let sum = math.zero;
        for (let i = 0; i < channels; i++)
          for (let ky = 0; ky < step.kernel; ky++)
            for (let kx = 0; kx < step.kernel; kx++) {
              const [sy, sx] = [y * step.stride + ky - step.padding, x * step.stride + kx - step.padding];
              if (sy < 0 || sx < 0 || sy >= height || sx >= width) continue;
              const weight = w[((o * channels + i) * step.kernel + ky) * step.kernel + kx];
              sum = math.add(sum, math.scale(input.data[(i * height + sy) * width + sx], weight));
            }
        out.push(math.narrow(sum));
      }
  const result = { shape: [shape[0], rows, columns], data: out };
  return step.add === null ? result : { ...result, data: out.map((x, i) => math.add(x, values[step.add].data[i])) };
}

// ---------------------------------------------------------------- gates
const total = { comparisons: 0, multiplications: 0, ands: 0, circuits: 0, bytes: 0 };

/** Two ends of a channel within this process; what passes is counted. */
function channel() {
  const ends = [0, 1].map(
    (me) =>
      new BufferedIO(1 - me, (_, name, data) => {
        total.bytes += data.length;
        const copy = data.slice();
        setImmediate(() => ends[1 - me].accept(name, copy));
      }),
  );
  return ends;
}

const bitsOf = (value, count) => Array.from({ length: count }, (_, i) => Number((value >> BigInt(i)) & 1n));

/** Runs one circuit between the parties; `secrets[party]` are its input bits. */
async function garbled(circuit, secrets) {
  total.circuits++;
  total.ands += circuit.ands;
  const ends = channel();
  const run = (party) =>
    secureMPC({
      party,
      size: 2,
      circuit: circuit.text,
      inputBits: Uint8Array.from(secrets[party]),
      inputBitsPerParty: [circuit.perParty, circuit.perParty],
      io: ends[party],
    });
  return (await Promise.all([run(0), run(1)]))[0];
}

/** Bits of earlier sites, as XOR shares: [party][neuron]. */
const sharedBits = {};

/** @returns both parties' shares of the gate's output */
async function gate(step, z) {
  const [channels, height, width] = step.shape;
  const size = height * width;
  const neurons = channels * size;
  const compare = unpack(step.compare, neurons);
  const multiply = unpack(step.multiply, neurons);
  const sourceOf = (i) => step.source.channels[Math.floor(i / size)] * size + (i % size);
  const own = step.source.site === step.site;
  const products = [0, 1].map(() => Array.from({ length: neurons }, () => 0n));
  sharedBits[step.site] = [new Uint8Array(neurons), new Uint8Array(neurons)];
  // A batch holds bits with all neurons of this site that use them; several circuits are smaller than one.
  const users = new Map();
  for (let i = 0; i < neurons; i++) if (multiply[i]) users.set(sourceOf(i), [...(users.get(sourceOf(i)) ?? []), i]);
  const bits = [...new Set([...compare.flatMap((wanted, i) => (wanted ? [i] : [])), ...users.keys()])];
  for (let from = 0; from < bits.length; from += Number(options.batch)) {
    const part = bits.slice(from, from + Number(options.batch));
    const compared = part.filter((i) => compare[i]);
    const multiplied = part.flatMap((bit) => (users.get(bit) ?? []).map((value) => ({ value, bit })));
    const needed = [...new Set([...compared, ...multiplied.map(({ value }) => value)])];
    const index = new Map(needed.map((i, at) => [i, at]));
    const place = new Map(compared.map((i, at) => [i, at]));
    const used = own ? [] : [...new Set(multiplied.map(({ bit }) => bit))];
    const circuit = gateCircuit({
      values: needed.length,
      compare: compared.map((i) => index.get(i)),
      multiply: multiplied.map(({ value, bit }) => ({
        value: index.get(value),
        bit: own ? place.get(bit) : { shared: used.indexOf(bit) },
      })),
      shared: used.length,
    });
    const masks = [0, 1].map(() => ({ products: multiplied.map(random64), bits: compared.map(randomBit) }));
    const secrets = [0, 1].map((party) => [
      ...needed.flatMap((i) => bitsOf(z[party].data[i], VALUE_BITS)),
      ...used.map((bit) => sharedBits[step.source.site][party][bit]),
      ...masks[party].products.flatMap((mask) => bitsOf(ring(-mask), RING_BITS)),
      ...masks[party].bits,
    ]);
    const out = await garbled(circuit, secrets);
    multiplied.forEach(({ value }, i) => {
      let opened = 0n;
      for (let k = 0; k < RING_BITS; k++) opened |= BigInt(out[i * RING_BITS + k]) << BigInt(k);
      products[0][value] = ring(opened + masks[0].products[i]);
      products[1][value] = masks[1].products[i];
    });
    compared.forEach((i, at) => {
      sharedBits[step.site][0][i] = out[multiplied.length * RING_BITS + at] ^ masks[0].bits[at];
      sharedBits[step.site][1][i] = masks[1].bits[at];
    });
    total.comparisons += compared.length;
    total.multiplications += multiplied.length;
  }
  return [0, 1].map((party) => {
    const math = shareOf(party);
    const data = z[party].data.map((x, i) => {
      const c = Math.floor(i / size);
      if (!multiply[i]) return math.narrow(math.scale(x, step.constant[c]));
      return math.narrow(math.add(math.scale(products[party][i], step.scale[c]), math.scale(x, step.shift[c])));
    });
    return { shape: step.shape, data };
  });
}

function clearGate(step, z, bits) {
  const size = step.shape[1] * step.shape[2];
  const multiply = unpack(step.multiply, z.data.length);
  bits[step.site] = z.data.map((x) => (x > 0 ? 1 : 0));
  return z.data.map((x, i) => {
    const c = Math.floor(i / size);
    if (!multiply[i]) return step.constant[c] * x;
    const bit = bits[step.source.site][step.source.channels[c] * size + (i % size)];
    return x * (step.scale[c] * bit + step.shift[c]);
  });
}

// ---------------------------------------------------------------- both evaluations
const { inputShape } = list.network;
const size = inputShape.reduce((product, n) => product * n, 1);
let state = Number(options.seed) >>> 0;
const pixels = options.image
  ? readFileSync(options.image).subarray(0, size)
  : Array.from({ length: size }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
const { mean, std } = list.normalisation;
const plane = inputShape[1] * inputShape[2];
const image = Array.from(pixels, (p, i) => (p / 255 - mean[Math.floor(i / plane)]) / std[Math.floor(i / plane)]);

const clear = { [list.input]: { shape: inputShape, data: image } };
const first = image.map(random64);
const parties = [
  { [list.input]: { shape: inputShape, data: first } },
  { [list.input]: { shape: inputShape, data: image.map((x, i) => ring(fixed(x) - first[i])) } },
];
const clearBits = {};
const start = performance.now();
for (const step of list.steps) {
  if (step.op === 'gate') {
    clear[step.output] = { shape: step.shape, data: clearGate(step, clear[step.input], clearBits) };
    const out = await gate(
      step,
      parties.map((party) => party[step.input]),
    );
    parties.forEach((party, p) => (party[step.output] = out[p]));
    process.stderr.write(`${step.site}: ${step.compare.count} comparisons, ${step.multiply.count} multiplications\n`);
  } else {
    clear[step.output] = linear(step, clear, CLEAR);
    parties.forEach((party, p) => (party[step.output] = linear(step, party, shareOf(p))));
  }
}
const logits = parties[0].logits.data.map((x, i) => Number(ring(x + parties[1].logits.data[i])) / ONE);
const expected = clear.logits.data;
const best = (values) => values.indexOf(Math.max(...values));
process.stdout.write(
  `${JSON.stringify({
    logits,
    inTheClear: expected,
    largestDifference: Math.max(...logits.map((x, i) => Math.abs(x - expected[i]))),
    sameClass: best(logits) === best(expected),
    ...total,
    seconds: (performance.now() - start) / 1000,
  })}\n`,
);
process.exit(0);
