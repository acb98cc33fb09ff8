/**
 * Which network a set of weights belongs to, from the names and shapes alone (names as parameterNames.ts gives them).
 *
 * Family, blocks, widths, input channels and classes follow from the shapes. What does not is assumed, said, and the user's to
 * change: whether a ReLU stands after the stem (torchvision and pytorch-cifar have one, SNL's networks have none), and the size
 * of the images where no mask tells it.
 */
import { parametersOf, WIDE_STEM, type NetworkSpec } from './network.ts';

/** Weights of a network that the studio cannot have. */
export class UnknownNetworkError extends Error {
  override readonly name = 'UnknownNetworkError';
}

export type Shapes = ReadonlyMap<string, { shape: number[] }>;

/** What the shapes leave open: how it was decided, in a sentence. */
export interface Assumption {
  about: 'stemGate' | 'inputSize';
  sentence: string;
}

export interface RecognisedNetwork {
  network: NetworkSpec;
  /** Sites that have a mask in the file. */
  masked: string[];
  assumptions: Assumption[];
}

/** A parameter that the network wants or the file has in another shape, or that only one of them has. */
export interface Difference {
  name: string;
  /** null: the network has no such parameter. */
  expected: number[] | null;
  /** null: the file has no such parameter. */
  found: number[] | null;
}

/** Side of the images by number of classes: CIFAR-10, CIFAR-100, Tiny-ImageNet. */
const sideFor = (classes: number): number => (classes === 200 ? 64 : 32);

const GATE_PARAMETER = /^(stem|final|layer\d+\.\d+\.gate\d)\.(alpha|scale|shift)$/;

/** Entries 1, 2, … n without a gap, else null. */
function counted(numbers: ReadonlySet<number>, from: number): number | null {
  for (let i = 0; i < numbers.size; i++) if (!numbers.has(i + from)) return null;
  return numbers.size;
}

const shapeText = (shape: readonly number[] | undefined): string => (shape ? `[${shape.join(', ')}]` : 'missing');

/**
 * @throws UnknownNetworkError with one sentence where the names are those of no CIFAR ResNet
 */
export function recogniseNetwork(shapes: Shapes): RecognisedNetwork {
  const shapeOf = (name: string): number[] | undefined => shapes.get(name)?.shape;
  const stages = new Map<number, Set<number>>();
  for (const name of shapes.keys()) {
    const match = /^layer(\d+)\.(\d+)\.conv1\.weight$/.exec(name);
    if (!match) continue;
    const stage = Number(match[1]);
    if (!stages.has(stage)) stages.set(stage, new Set());
    stages.get(stage)!.add(Number(match[2]));
  }
  const few = [...shapes.keys()].slice(0, 4).join(', ');
  const stem = shapeOf('conv1.weight');
  const head = shapeOf('fc.weight');
  if (stages.size === 0 || stem?.length !== 4 || head?.length !== 2)
    throw new UnknownNetworkError(
      `These are not the weights of a CIFAR ResNet: conv1.weight, layer1.0.conv1.weight and fc.weight (or linear.weight) are wanted, the file has ${few || 'no tensors'}${shapes.size > 4 ? ', …' : ''}.`,
    );
  const stageCount = counted(new Set(stages.keys()), 1);
  const blocks = Array.from({ length: stageCount ?? 0 }, (_, s) => counted(stages.get(s + 1)!, 0));
  if (stageCount === null || blocks.includes(null))
    throw new UnknownNetworkError('The numbers of stages or blocks have gaps: a part of the weights is missing.');
  if (shapes.has('layer1.0.conv3.weight'))
    throw new UnknownNetworkError(
      'This is a ResNet of bottleneck blocks (three convolutions each, as in ResNet-50); the studio has basic blocks (ResNet-18, ResNet-34).',
    );
  if (stem[2] !== 3 || stem[3] !== 3)
    throw new UnknownNetworkError(
      `conv1.weight is ${shapeText(stem)}: a ${stem[2]}×${stem[3]} stem, as ImageNet's ResNets have. The studio's networks have the 3×3 stem of the CIFAR form.`,
    );
  const widths = Array.from({ length: stageCount }, (_, s) => {
    const shape = shapeOf(`layer${s + 1}.0.conv1.weight`)!;
    if (shape.length !== 4) throw new UnknownNetworkError(`layer${s + 1}.0.conv1.weight is ${shapeText(shape)}.`);
    return shape[0];
  });
  // Before the first convolution of a pre-activation block stands a batch norm of the block's input.
  const firstNorms = Array.from({ length: stageCount }, (_, s) => shapeOf(`layer${s + 1}.0.bn1.weight`)?.[0]);
  const wide =
    stem[0] === WIDE_STEM &&
    shapeOf('bn1.weight')?.[0] === widths.at(-1) &&
    !shapes.has('layer1.0.downsample.1.weight') &&
    firstNorms.every((channels, s) => channels === (s === 0 ? WIDE_STEM : widths[s - 1]));
  const masked = [...shapes.keys()].flatMap((name) => (name.endsWith('.alpha') ? name.slice(0, -'.alpha'.length) : []));
  const assumptions: Assumption[] = [];
  const classes = head[0];
  const { size, told } = sizeOf(shapes, sideFor(classes));
  if (!told)
    assumptions.push({
      about: 'inputSize',
      sentence: `Images are taken to be ${size.join('×')}, as those of the set with ${classes} classes: weights do not tell.`,
    });
  const stemGate = !wide && (masked.length === 0 || masked.includes('stem'));
  if (!wide && masked.length === 0)
    assumptions.push({
      about: 'stemGate',
      sentence: 'A ReLU is taken to follow the stem, as in torchvision and pytorch-cifar: weights do not tell.',
    });
  return {
    network: {
      family: wide ? 'wide-resnet' : 'cifar-resnet',
      blocks: blocks as number[],
      widths,
      stemGate,
      ...(wide ? { finalGate: true } : {}),
      inputShape: [stem[1], ...size],
      classes,
    },
    masked,
    assumptions,
  };
}

/** Height and width of the images, from a mask of the stem or the first stage where there is one. */
function sizeOf(shapes: Shapes, side: number): { size: [number, number]; told: boolean } {
  for (const name of ['stem.alpha', 'layer1.0.gate1.alpha', 'layer1.0.gate2.alpha']) {
    const shape = shapes.get(name)?.shape;
    if (shape?.length === 3 && shape[1] * shape[2] > 1) return { size: [shape[1], shape[2]], told: true };
  }
  return { size: [side, side], told: false };
}

/** Everything that tells the file's parameters from the network's, in forward order, then what only the file has. */
export function differencesOf(shapes: Shapes, network: NetworkSpec): Difference[] {
  const wanted = parametersOf(network);
  const known = new Set(wanted.map(({ name }) => name));
  const differences: Difference[] = wanted.flatMap(({ name, shape }) => {
    const found = shapes.get(name)?.shape ?? null;
    return found?.join() === shape.join() ? [] : [{ name, expected: shape, found }];
  });
  for (const [name, { shape }] of shapes)
    if (!known.has(name) && !GATE_PARAMETER.test(name)) differences.push({ name, expected: null, found: shape });
  return differences;
}
