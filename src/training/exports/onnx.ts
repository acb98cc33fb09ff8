/**
 * A finished run as one ONNX file (opset 17): convolutions and batch norms as they are, gates as standard operators, masks as
 * constants. Input `images`, float32 (N, C, H, W), normalised; output `logits`, float32 (N, classes).
 *
 * | gate     | operators                                                                       |
 * |----------|---------------------------------------------------------------------------------|
 * | relu     | Relu                                                                            |
 * | identity | none                                                                            |
 * | mask     | Where(mask, Relu(z), z)                                                         |
 * | share    | z · Where(Gather(Greater(z', 0), source), scale + shift, shift), z' of the owner |
 * |          | masked: Or(Greater(z', 0), not kept) in place of Greater                        |
 *
 * Schema: onnx.proto of ONNX 1.12 (IR version 8), compiled by protoc-gen-es:
 * npx -p @bufbuild/buf@1.75.0 -p @bufbuild/protoc-gen-es@2.13.0 buf generate src/training/exports/onnx --template
 * '{"version":"v2","plugins":[{"local":"protoc-gen-es","out":"src/training/exports/onnx","opt":["target=ts"]}]}'
 */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { gateOf, type ShareGate } from '../../domain/gateMap.ts';
import type { ReadMasks, TrainedGate } from '../../domain/masksFile.ts';
import { INPUT, layersOf, type ConvLayer, type SiteLayer } from '../../domain/network.ts';
import type { HostTensor } from '../../engine/api.ts';
import type { ImportedRun } from '../importMasks.ts';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './onnx/onnx_pb.ts';

const OPSET = 17n;
const IR_VERSION = 8n;
const NORM_EPSILON = 1e-5;

type Node = MessageInitShape<typeof NodeProtoSchema>;
type Attributes = Record<string, number | number[]>;

/** Collects nodes in evaluation order, and constants. */
class Graph {
  readonly nodes: Node[] = [];
  readonly constants: MessageInitShape<typeof TensorProtoSchema>[] = [];
  private readonly named = new Set<string>();

  /** @returns `output`. Whole numbers become INT attributes; `floats` names those that are FLOAT. */
  add(opType: string, input: string[], output: string, attributes: Attributes = {}, floats: string[] = []): string {
    const attribute = Object.entries(attributes).map(([name, value]) =>
      Array.isArray(value)
        ? { name, type: AttributeType.INTS, ints: value.map(BigInt) }
        : floats.includes(name)
          ? { name, type: AttributeType.FLOAT, f: value }
          : { name, type: AttributeType.INT, i: BigInt(value) },
    );
    this.nodes.push({ name: `${output}/${opType}`, opType, input, output: [output], attribute });
    return output;
  }

  private constant(name: string, dims: number[], dataType: DataType, rawData: Uint8Array): string {
    if (!this.named.has(name)) this.constants.push({ name, dims: dims.map(BigInt), dataType, rawData });
    this.named.add(name);
    return name;
  }

  floats(name: string, dims: number[], values: ArrayLike<number>): string {
    const bytes = new Uint8Array(4 * values.length);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
    return this.constant(name, dims, DataType.FLOAT, bytes);
  }

  integers(name: string, values: number[]): string {
    const bytes = new Uint8Array(8 * values.length);
    const view = new DataView(bytes.buffer);
    values.forEach((value, i) => view.setBigInt64(8 * i, BigInt(value), true));
    return this.constant(name, [values.length], DataType.INT64, bytes);
  }

  bits(name: string, dims: number[], bits: Uint8Array): string {
    return this.constant(
      name,
      dims,
      DataType.BOOL,
      bits.map((bit) => (bit ? 1 : 0)),
    );
  }
}

/** Writes the gates; remembers the steps 1[z > 0] that several sites use. */
class Gates {
  private readonly steps = new Map<string, string>();
  private readonly shapes = new Map<string, SiteLayer['shape']>();

  constructor(
    private readonly graph: Graph,
    private readonly masks: ReadMasks,
  ) {}

  /** @param z the site's pre-activation; @returns the gate's output */
  gate({ id, shape, output, gated }: SiteLayer, z: string): string {
    const { graph } = this;
    this.shapes.set(id, shape);
    const gate = gated ? gateOf(this.masks.gates, id) : { kind: 'identity' as const };
    const trained = this.masks.trained[id] ?? {};
    switch (gate.kind) {
      case 'identity':
        return graph.add('Identity', [z], output);
      case 'relu':
        return graph.add('Relu', [z], output);
      case 'mask': {
        const kept = keptBits(trained, shape);
        if (kept.every((bit) => bit)) return graph.add('Relu', [z], output);
        if (!kept.some((bit) => bit)) return graph.add('Identity', [z], output);
        const mask = graph.bits(`${id}.mask`, [1, shape.channels, shape.height, shape.width], kept);
        return graph.add('Where', [mask, graph.add('Relu', [z], `${id}.relu`), z], output);
      }
      case 'share':
        return this.share(id, gate, trained, shape.channels, z, output);
    }
  }

  private share(
    id: string,
    gate: ShareGate,
    trained: TrainedGate,
    channels: number,
    z: string,
    output: string,
  ): string {
    const { graph } = this;
    const one = new Float32Array(channels).fill(1);
    const scale = trained.scale ?? one;
    const shift = trained.shift ?? new Float32Array(channels);
    const both = scale.map((value, c) => value + shift[c]);
    const bits = graph.add(
      'Gather',
      [this.shown(gate.from ?? id), graph.integers(`${id}.source`, gate.source)],
      `${id}.bits`,
      { axis: 1 },
    );
    const open = graph.floats(`${id}.open`, [1, channels, 1, 1], both);
    const shut = graph.floats(`${id}.shift`, [1, channels, 1, 1], shift);
    return graph.add('Mul', [z, graph.add('Where', [bits, open, shut], `${id}.factor`)], output);
  }

  /** The bits of a site as others see them: its steps, and 1 where a prototype's mask has removed its DReLU. */
  private shown(site: string): string {
    const { graph } = this;
    const known = this.steps.get(site);
    if (known) return known;
    const zero = graph.floats('zero', [], [0]);
    let bits = graph.add('Greater', [`${site}.z`, zero], `${site}.step`);
    const gate = gateOf(this.masks.gates, site);
    const kept = this.masks.trained[site]?.kept;
    if (gate.kind === 'share' && gate.masked && kept) {
      const { channels, height, width } = this.shapes.get(site)!;
      const size = height * width;
      const removed = new Uint8Array(channels * size);
      gate.prototypes.forEach((channel, row) => {
        for (let i = 0; i < size; i++) removed[channel * size + i] = kept[row * size + i] ? 0 : 1;
      });
      if (removed.some((bit) => bit))
        bits = graph.add(
          'Or',
          [bits, graph.bits(`${site}.removed`, [1, channels, height, width], removed)],
          `${site}.shown`,
        );
    }
    this.steps.set(site, bits);
    return bits;
  }
}

/** One bit a neuron, written out where there is one a channel; all where nothing is known. */
function keptBits({ kept }: TrainedGate, { channels, height, width }: SiteLayer['shape']): Uint8Array {
  const size = height * width;
  if (!kept) return new Uint8Array(channels * size).fill(1);
  return kept.length === channels * size
    ? kept
    : Uint8Array.from({ length: channels * size }, (_, i) => kept[Math.floor(i / size)]);
}

/** Names and values that a reader of the file may want: Netron shows them. */
function metadataOf({ about, counts, network }: ReadMasks): { key: string; value: string }[] {
  const { dataset, generator } = about;
  const values: Record<string, unknown> = {
    generator: `${generator.name} ${generator.version}`,
    network: JSON.stringify(network),
    dataset: dataset.name,
    mean: JSON.stringify(dataset.mean),
    std: JSON.stringify(dataset.std),
    drelus: counts.total.drelus,
    multiplications: counts.total.multiplications,
  };
  return Object.entries(values).map(([key, value]) => ({ key, value: String(value) }));
}

const valueInfo = (name: string, dims: (string | number)[]): MessageInitShape<typeof ValueInfoProtoSchema> => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: DataType.FLOAT,
        shape: {
          dim: dims.map((n) => ({
            value: typeof n === 'string' ? { case: 'dimParam', value: n } : { case: 'dimValue', value: BigInt(n) },
          })),
        },
      },
    },
  },
});

/** The run as the bytes of a .onnx file. The same run gives the same bytes. */
export function onnxModel({ masks, weights }: Pick<ImportedRun, 'masks' | 'weights'>): Uint8Array<ArrayBuffer> {
  const graph = new Graph();
  const gates = new Gates(graph, masks);
  const { network, about } = masks;
  const parameter = (name: string): string => {
    const { shape, data }: HostTensor = weights.get(name)!;
    return graph.floats(name, shape, data);
  };
  const norm = (name: string, input: string, output: string): string =>
    graph.add(
      'BatchNormalization',
      [input, ...['weight', 'bias', 'running_mean', 'running_var'].map((suffix) => parameter(`${name}.${suffix}`))],
      output,
      { epsilon: NORM_EPSILON },
      ['epsilon'],
    );
  const conv = ({ name, input, output, skip, kernel, stride }: ConvLayer): void => {
    const pad = (kernel - 1) / 2;
    const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    const result = skip === null ? output : `${output}.conv`;
    graph.add('Conv', [input, parameter(`${name}.weight`)], result, attributes);
    if (skip !== null) graph.add('Add', [result, skip], output);
  };
  const site = (layer: SiteLayer): void => {
    const { id, input, norm: name, residual } = layer;
    const z = `${id}.z`;
    if (residual === null) norm(name, input, z);
    else {
      const normed = norm(name, input, `${id}.normed`);
      const other = residual.norm === null ? residual.tensor : norm(residual.norm, residual.tensor, `${id}.skip`);
      graph.add('Add', [normed, other], z);
    }
    gates.gate(layer, z);
  };
  for (const layer of layersOf(network)) {
    if (layer.kind === 'conv') conv(layer);
    else if (layer.kind === 'site') site(layer);
    else {
      const pooled = graph.add('GlobalAveragePool', [layer.input], 'pool');
      const flat = graph.add('Flatten', [pooled], 'features', { axis: 1 });
      graph.add('Gemm', [flat, parameter('fc.weight'), parameter('fc.bias')], 'logits', { transB: 1 });
    }
  }
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    producerName: about.generator.name,
    producerVersion: about.generator.version,
    docString:
      'Input: images (N, C, H, W), float32, pixels / 255, then (x - mean) / std per channel with mean and std of the metadata. ' +
      'Output: logits.',
    metadataProps: metadataOf(masks),
    graph: {
      name: 'relu-studio',
      node: graph.nodes,
      initializer: graph.constants,
      input: [valueInfo(INPUT, ['N', ...network.inputShape])],
      output: [valueInfo('logits', ['N', network.classes])],
    },
  });
  return new Uint8Array(toBinary(ModelProtoSchema, model));
}
