/**
 * The networks: from a short specification to the list of layers that the engine runs, with every gate site and shape.
 *
 * Two families, both for CIFAR-sized images, described with the same three kinds of layer:
 *
 *   conv    y = W * x (+ skip)                          no bias, padding (kernel − 1) / 2 on every side, as PyTorch pads
 *   site    out = gate(BN(y) + residual)                a batch norm and the place where a ReLU stands, or an identity
 *   head    logits = fc(average pool(x))
 *
 * cifar-resnet (He et al. 2016, CIFAR form): basic blocks; the residual is added before the second gate of a block.
 * wide-resnet (Zagoruyko & Komodakis 2016): pre-activation blocks; the skip is added to the second convolution's output.
 *
 * Parameter names are torchvision's (design: formats). Site ids: `stem`, `layer{stage}.{block}.gate{1,2}`, `final`.
 */

export type Family = 'cifar-resnet' | 'wide-resnet';

export interface NetworkSpec {
  family: Family;
  /** Residual blocks per stage. */
  blocks: number[];
  /** Channels per stage; as many entries as `blocks`. */
  widths: number[];
  /** cifar-resnet: a gate after the stem. SNL has none; DeepReDuce, DeepReShape and DELPHI have one. */
  stemGate: boolean;
  /** wide-resnet: a gate after the last batch norm. */
  finalGate?: boolean;
  /** (channels, height, width) of the images the network sees. */
  inputShape: [number, number, number];
  classes: number;
}

export type SiteId = string;
/** Names one activation tensor of the network, (N, channels, height, width). */
export type TensorId = string;

export interface TensorShape {
  channels: number;
  height: number;
  width: number;
}

export interface ConvLayer {
  kind: 'conv';
  /** Prefix of the parameter: `${name}.weight`, (O, I, kernel, kernel). */
  name: string;
  input: TensorId;
  output: TensorId;
  /** Added to the convolution's result (pre-activation skips); null where there is none. */
  skip: TensorId | null;
  in: TensorShape;
  out: TensorShape;
  kernel: 1 | 3;
  stride: 1 | 2;
  /** 0 for the stem, else 1-based. */
  stage: number;
}

export interface SiteLayer {
  kind: 'site';
  id: SiteId;
  input: TensorId;
  output: TensorId;
  /** Prefix of the batch norm: `${norm}.{weight,bias,running_mean,running_var}`. */
  norm: string;
  /** Added to the normalised input before the gate; with a batch norm of its own on shortcut convolutions. */
  residual: { tensor: TensorId; norm: string | null } | null;
  shape: TensorShape;
  stage: number;
  /** False where the layer is only a batch norm (a stem without a gate): it is then no gate site and always an identity. */
  gated: boolean;
}

export interface HeadLayer {
  kind: 'head';
  name: 'fc';
  input: TensorId;
  in: TensorShape;
  classes: number;
}

export type Layer = ConvLayer | SiteLayer | HeadLayer;

/** A place where a ReLU may stand. */
export interface Site {
  id: SiteId;
  /** (C, H, W) of the pre-activation. */
  shape: [number, number, number];
  /** 0 for the stem, else 1-based; the final site belongs to the last stage. */
  stage: number;
}

/** PyTorch's defaults for batch norm. */
export const BATCH_NORM_EPSILON = 1e-5;
export const BATCH_NORM_MOMENTUM = 0.1;

export const INPUT: TensorId = 'images';
/** The wide-resnet stem has 16 channels whatever the widening factor (Zagoruyko & Komodakis 2016, table 1). */
export const WIDE_STEM = 16;

const half = (size: number) => (size + 1) >> 1;

/** Height and width after a convolution with padding (kernel − 1) / 2: ⌈size / stride⌉. */
function strided(shape: TensorShape, channels: number, stride: 1 | 2): TensorShape {
  return stride === 1 ? { ...shape, channels } : { channels, height: half(shape.height), width: half(shape.width) };
}

/** Collects layers in forward order while the families wire them. */
class Wiring {
  readonly layers: Layer[] = [];

  conv(
    name: string,
    input: TensorId,
    from: TensorShape,
    channels: number,
    kernel: 1 | 3,
    stride: 1 | 2,
    stage: number,
    skip: TensorId | null = null,
  ) {
    const out = strided(from, channels, stride);
    this.layers.push({ kind: 'conv', name, input, output: name, skip, in: from, out, kernel, stride, stage });
    return { tensor: name, shape: out };
  }

  site(
    id: SiteId,
    input: TensorId,
    norm: string,
    shape: TensorShape,
    stage: number,
    gated = true,
    residual: SiteLayer['residual'] = null,
  ) {
    this.layers.push({ kind: 'site', id, input, output: id, norm, residual, shape, stage, gated });
    return id;
  }
}

function cifarResNet(spec: NetworkSpec, wiring: Wiring, input: TensorShape) {
  const stem = wiring.conv('conv1', INPUT, input, spec.widths[0], 3, 1, 0);
  let x = wiring.site('stem', stem.tensor, 'bn1', stem.shape, 0, spec.stemGate);
  let shape = stem.shape;
  spec.blocks.forEach((count, s) => {
    for (let b = 0; b < count; b++) {
      const stage = s + 1;
      const name = `layer${stage}.${b}`;
      const stride = s > 0 && b === 0 ? 2 : 1;
      const width = spec.widths[s];
      const first = wiring.conv(`${name}.conv1`, x, shape, width, 3, stride, stage);
      const gated = wiring.site(`${name}.gate1`, first.tensor, `${name}.bn1`, first.shape, stage);
      const second = wiring.conv(`${name}.conv2`, gated, first.shape, width, 3, 1, stage);
      const residual =
        stride !== 1 || shape.channels !== width
          ? {
              tensor: wiring.conv(`${name}.downsample.0`, x, shape, width, 1, stride, stage).tensor,
              norm: `${name}.downsample.1`,
            }
          : { tensor: x, norm: null };
      x = wiring.site(`${name}.gate2`, second.tensor, `${name}.bn2`, second.shape, stage, true, residual);
      shape = second.shape;
    }
  });
  return { x, shape };
}

function wideResNet(spec: NetworkSpec, wiring: Wiring, input: TensorShape) {
  let { tensor: x, shape } = wiring.conv('conv1', INPUT, input, WIDE_STEM, 3, 1, 0);
  spec.blocks.forEach((count, s) => {
    for (let b = 0; b < count; b++) {
      const stage = s + 1;
      const name = `layer${stage}.${b}`;
      const stride = s > 0 && b === 0 ? 2 : 1;
      const width = spec.widths[s];
      const active = wiring.site(`${name}.gate1`, x, `${name}.bn1`, shape, stage);
      const first = wiring.conv(`${name}.conv1`, active, shape, width, 3, stride, stage);
      const gated = wiring.site(`${name}.gate2`, first.tensor, `${name}.bn2`, first.shape, stage);
      const skip =
        stride !== 1 || shape.channels !== width
          ? wiring.conv(`${name}.downsample.0`, active, shape, width, 1, stride, stage).tensor
          : x;
      const second = wiring.conv(`${name}.conv2`, gated, first.shape, width, 3, 1, stage, skip);
      x = second.tensor;
      shape = second.shape;
    }
  });
  x = wiring.site('final', x, 'bn1', shape, spec.blocks.length, spec.finalGate ?? true);
  return { x, shape };
}

/**
 * Limits far beyond use (ResNet-18 at 64×64 has 2.2 million activations and 11 million weights), so that a file of a few hundred bytes
 * cannot make a reader allocate gigabytes.
 */
const MOST_BLOCKS = 600;
const MOST_NEURONS = 2 ** 26;
const MOST_CHANNELS = 2 ** 20;
const MOST_WEIGHTS = 2 ** 34;

/**
 * The layers of a network in forward order.
 * @throws RangeError with one sentence where the specification is not a network.
 */
export function layersOf(spec: NetworkSpec): Layer[] {
  checkNetwork(spec);
  const wiring = new Wiring();
  const [channels, height, width] = spec.inputShape;
  const build = spec.family === 'wide-resnet' ? wideResNet : cifarResNet;
  const { x, shape } = build(spec, wiring, { channels, height, width });
  wiring.layers.push({ kind: 'head', name: 'fc', input: x, in: shape, classes: spec.classes });
  checkSize(wiring.layers);
  return wiring.layers;
}

/** Every gate site in forward order. */
export function sitesOf(spec: NetworkSpec): Site[] {
  return layersOf(spec).flatMap((layer) =>
    layer.kind === 'site' && layer.gated
      ? [
          {
            id: layer.id,
            stage: layer.stage,
            shape: [layer.shape.channels, layer.shape.height, layer.shape.width] as [number, number, number],
          },
        ]
      : [],
  );
}

export interface ParameterShape {
  name: string;
  /** PyTorch's layout: conv (O, I, kh, kw), norm (C), fc (out, in). */
  shape: number[];
  role: 'conv' | 'norm-weight' | 'norm-bias' | 'running-mean' | 'running-var' | 'fc-weight' | 'fc-bias';
}

/** Every weight and batch-norm buffer with its PyTorch shape, in forward order. Gate parameters are not among them. */
export function parametersOf(spec: NetworkSpec): ParameterShape[] {
  const list: ParameterShape[] = [];
  const norm = (name: string, channels: number) => {
    for (const [suffix, role] of [
      ['weight', 'norm-weight'],
      ['bias', 'norm-bias'],
      ['running_mean', 'running-mean'],
      ['running_var', 'running-var'],
    ] as const) {
      list.push({ name: `${name}.${suffix}`, shape: [channels], role });
    }
  };
  for (const layer of layersOf(spec)) {
    if (layer.kind === 'conv') {
      list.push({
        name: `${layer.name}.weight`,
        shape: [layer.out.channels, layer.in.channels, layer.kernel, layer.kernel],
        role: 'conv',
      });
    } else if (layer.kind === 'site') {
      norm(layer.norm, layer.shape.channels);
      if (layer.residual?.norm) norm(layer.residual.norm, layer.shape.channels);
    } else {
      list.push({ name: 'fc.weight', shape: [layer.classes, layer.in.channels], role: 'fc-weight' });
      list.push({ name: 'fc.bias', shape: [layer.classes], role: 'fc-bias' });
    }
  }
  return list;
}

/** @throws RangeError naming the field that is wrong. */
export function checkNetwork(spec: NetworkSpec): void {
  const natural = (value: number, what: string) => {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${what} must be a whole number of at least 1, not ${value}.`);
  };
  if (spec.blocks.length < 1) throw new RangeError('The network needs at least one stage.');
  if (spec.blocks.length !== spec.widths.length)
    throw new RangeError(
      `${spec.blocks.length} stages by blocks, but ${spec.widths.length} by widths: give one width per stage.`,
    );
  spec.blocks.forEach((n, s) => natural(n, `Blocks of stage ${s + 1}`));
  spec.widths.forEach((n, s) => natural(n, `Width of stage ${s + 1}`));
  spec.inputShape.forEach((n, i) => natural(n, `Input ${['channels', 'height', 'width'][i]}`));
  natural(spec.classes, 'Classes');
  const blocks = spec.blocks.reduce((sum, n) => sum + n, 0);
  if (blocks > MOST_BLOCKS)
    throw new RangeError(`${grouped(blocks)} residual blocks are more than the ${grouped(MOST_BLOCKS)} supported.`);
}

/** @throws RangeError where the network is beyond anything that could be trained: see the limits. */
function checkSize(layers: readonly Layer[]): void {
  let neurons = 0;
  let channels = 0;
  let weights = 0;
  for (const layer of layers) {
    if (layer.kind === 'site') {
      neurons += layer.shape.channels * layer.shape.height * layer.shape.width;
      channels += layer.shape.channels;
    } else if (layer.kind === 'conv') weights += layer.out.channels * layer.in.channels * layer.kernel ** 2;
    else weights += layer.classes * layer.in.channels;
  }
  for (const [count, most, what] of [
    [neurons, MOST_NEURONS, 'activations per image'],
    [channels, MOST_CHANNELS, 'channels over all ReLU layers'],
    [weights, MOST_WEIGHTS, 'weights'],
  ] as const)
    if (count > most)
      throw new RangeError(
        `The network has ${grouped(count)} ${what}, more than the ${grouped(most)} supported: reduce widths, blocks or input size.`,
      );
}

const grouped = (n: number): string => n.toLocaleString('en');
