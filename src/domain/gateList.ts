/**
 * A network for secure inference, as a list of steps in evaluation order that a reader can follow without knowing the methods: every
 * linear operation by the names of its weights, and for every gate which neuron compares and which multiplies by whose bit
 * (docs/gates.md).
 *
 *   compare = 1:   b = 1[z > 0], the only comparisons of the network; `metrics.drelus` of them
 *   multiply = 1:  out = z · (scale · b[source] + shift), one secure multiplication; `metrics.multiplications` of them
 *   multiply = 0:  out = constant · z, in the clear
 */
import { z } from 'zod';
import { computedDrelus, type GateContent } from './computedDrelus.ts';
import { countsOf } from './counting.ts';
import { networkSchema } from './experiment.ts';
import { gateOf } from './gateMap.ts';
import { INPUT, layersOf, sitesOf, type Site, type SiteId } from './network.ts';
import { packBits, toBase64 } from './packbits.ts';

const tensor = z.string().describe('Name of a tensor (N, channels, height, width)');
const count = z.int().min(0);
const bits = z
  .strictObject({ count, encoding: z.literal('base64-packbits'), data: z.string() })
  .describe('One bit per neuron in C, H, W order, first neuron in the highest bit of each byte; `count` of them are 1');

const stepSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('conv').describe('output = weight * input (+ add); no bias; padding on every side'),
    input: tensor,
    output: tensor,
    weight: z.string().describe('Name of the weight in the safetensors file, (O, I, kernel, kernel)'),
    kernel: z.int(),
    stride: z.int(),
    padding: z.int(),
    add: tensor.nullable(),
  }),
  z.strictObject({
    op: z.literal('norm').describe('output = (input - running_mean) / sqrt(running_var + epsilon) * weight + bias'),
    input: tensor,
    output: tensor,
    norm: z.string().describe('Prefix of weight, bias, running_mean and running_var in the safetensors file'),
    epsilon: z.number(),
  }),
  z.strictObject({ op: z.literal('add'), inputs: z.tuple([tensor, tensor]), output: tensor }),
  z.strictObject({
    op: z.literal('gate'),
    site: z.string(),
    shape: z.tuple([count, count, count]).describe('(C, H, W)'),
    input: tensor,
    output: tensor,
    compare: bits.describe('Neurons whose bit b = 1[z > 0] is computed'),
    multiply: bits.describe('Neurons that are multiplied by a bit; elsewhere out = constant[c] * z'),
    source: z
      .strictObject({ site: z.string(), channels: z.array(count) })
      .describe('Channel c is multiplied by the bit of channel channels[c] of that site, at the same position'),
    scale: z.array(z.number()),
    shift: z.array(z.number()),
    constant: z.array(z.number()),
  }),
  z.strictObject({
    op: z.literal('classify').describe('output = weight · mean of input over height and width + bias'),
    input: tensor,
    output: z.literal('logits'),
    weight: z.string(),
    bias: z.string(),
  }),
]);

export const gateListSchema = z.strictObject({
  format: z.literal('relu-studio/gates'),
  version: z.literal(1),
  network: networkSchema,
  normalisation: z
    .strictObject({ mean: z.array(z.number()), std: z.array(z.number()) })
    .describe('The input is (pixel / 255 - mean) / std per channel'),
  weights: z.strictObject({ file: z.string(), sha256: z.string() }),
  metrics: z.strictObject({ drelus: count, multiplications: count }),
  input: tensor,
  steps: z.array(stepSchema).describe('In evaluation order'),
});

export type GateList = z.infer<typeof gateListSchema>;
type Step = GateList['steps'][number];
type GateStep = Extract<Step, { op: 'gate' }>;

const EPSILON = 1e-5;

const encoded = (values: Uint8Array): GateStep['compare'] => ({
  count: values.reduce((sum, bit) => sum + bit, 0),
  encoding: 'base64-packbits',
  data: toBase64(packBits(values)),
});

/** What multiplies at a site, and by what. */
function multiplied(site: Site, content: GateContent, computed: ReadonlyMap<SiteId, Uint8Array>) {
  const [channels, height, width] = site.shape;
  const size = height * width;
  const gate = gateOf(content.gates, site.id);
  const trained = content.trained[site.id];
  const fill = (value: number) => Array.from({ length: channels }, () => value);
  const own = { site: site.id, channels: fill(0).map((_, c) => c) };
  const all = { source: own, scale: fill(1), shift: fill(0), constant: fill(1) };
  if (gate.kind === 'identity') return { ...all, multiply: new Uint8Array(channels * size) };
  if (gate.kind === 'relu') return { ...all, multiply: new Uint8Array(channels * size).fill(1) };
  if (gate.kind === 'mask') {
    const kept = trained?.kept;
    const per = kept?.length === channels ? size : 1;
    return {
      ...all,
      multiply: Uint8Array.from({ length: channels * size }, (_, i) => (!kept || kept[Math.floor(i / per)] ? 1 : 0)),
    };
  }
  const owner = gate.from ?? site.id;
  const bitsOfOwner = computed.get(owner)!;
  const prototypes = new Set(gate.prototypes);
  const acts = (values: Float32Array | undefined, neutral: number) =>
    fill(neutral).map((value, c) => (gate.affine === 'trained' && values && !prototypes.has(c) ? values[c] : value));
  const scale = acts(trained?.scale, 1);
  const shift = acts(trained?.shift, 0);
  const multiply = new Uint8Array(channels * size);
  for (let c = 0; c < channels; c++) {
    if (scale[c] === 0) continue;
    const from = gate.source[c] * size;
    multiply.set(bitsOfOwner.subarray(from, from + size), c * size);
  }
  return {
    source: { site: owner, channels: gate.source },
    scale,
    shift,
    constant: scale.map((value, c) => (value === 0 ? shift[c] : value + shift[c])),
    multiply,
  };
}

/** @param about normalisation and weights, as masks.json has them */
export function gateListOf(
  content: GateContent,
  about: { dataset: { mean: number[]; std: number[] }; weights: { file: string; sha256: string } },
): GateList {
  const { network, gates, trained } = content;
  const { total } = countsOf(network, gates, trained);
  const computed = computedDrelus(content);
  const sites = new Map(sitesOf(network).map((site) => [site.id, site]));
  const steps: Step[] = [];
  const norm = (name: string, input: string, output: string): string => {
    steps.push({ op: 'norm', input, output, norm: name, epsilon: EPSILON });
    return output;
  };
  for (const layer of layersOf(network)) {
    if (layer.kind === 'conv') {
      const { name, input, output, kernel, stride, skip } = layer;
      const padding = (kernel - 1) / 2;
      steps.push({ op: 'conv', input, output, weight: `${name}.weight`, kernel, stride, padding, add: skip });
    } else if (layer.kind === 'head') {
      steps.push({ op: 'classify', input: layer.input, output: 'logits', weight: 'fc.weight', bias: 'fc.bias' });
    } else {
      const { id, input, output, residual } = layer;
      const site = sites.get(id);
      const z = site ? `${id}.z` : output;
      if (residual === null) norm(layer.norm, input, z);
      else {
        const normed = norm(layer.norm, input, `${id}.normed`);
        const other = residual.norm === null ? residual.tensor : norm(residual.norm, residual.tensor, `${id}.skip`);
        steps.push({ op: 'add', inputs: [normed, other], output: z });
      }
      if (!site) continue;
      const { multiply, ...affine } = multiplied(site, content, computed);
      const compare = encoded(computed.get(id)!);
      steps.push({
        op: 'gate',
        site: id,
        shape: site.shape,
        input: z,
        output,
        compare,
        multiply: encoded(multiply),
        ...affine,
      });
    }
  }
  const { mean, std } = about.dataset;
  const { file, sha256 } = about.weights;
  return {
    format: 'relu-studio/gates',
    version: 1,
    network,
    normalisation: { mean, std },
    weights: { file, sha256 },
    metrics: { drelus: total.drelus, multiplications: total.multiplications },
    input: INPUT,
    steps,
  };
}
