/**
 * The built-in data set: ten classes of colour images drawn by code from a seed, so that the studio works without any file.
 *
 * Each image: a background of four blended corner colours, clutter (three to seven blobs and strokes), one object, noise. The class
 * is the object's form alone (forms.ts). Place, size, tilt (up to 19° either way), colours, polarity (light on dark or dark on
 * light), contrast, clutter and noise are drawn at random, so a pixel's mean does not depend on the class: a network whose gates
 * are all linear is an affine function of the image and cannot learn it. Mirroring an image keeps its class.
 *
 *   disc      filled ellipse                      stripes   patch of parallel bars
 *   ring      ellipse with a hole                 checks    patch of a chessboard
 *   square    filled square                       dots      patch of discs in a square lattice
 *   triangle  filled equilateral triangle         ripples   concentric rings
 *   cross     two bars at a right angle           spokes    sectors around a point, every other one filled
 *
 * How hard it is, measured with PyTorch (the shared reference network, base width 8, 300 steps of batch 64, SGD momentum 0.9,
 * weight decay 5e-4; accuracy in percent on 2,000 test images, one figure per run, data seeds 1 and 2):
 *
 *   training images   augmentation   learning rate               ReLU                   every gate linear
 *   3,600             crop 4, flip   0.1, cosine to 0.002        97.9 99.0 99.1 99.3    12.9 13.3
 *   10,000            crop 4, flip   0.1 or 0.05, constant       95.3 or 97.8
 *   10,000            none           0.1 or 0.05, constant       92.9 or 98.3           13.1 (at 0.02)
 *
 * At a constant 0.1 the running statistics of batch norm lag behind the weights, and single runs vary by several points.
 *
 * Every number is made by +, −, ×, ÷ and √ on doubles from 32-bit integers, which IEEE 754 rounds alike everywhere: the same
 * seed gives the same bytes on every machine. Image i depends on (seed, part, i) alone, not on how many are drawn; each run of
 * ten images that starts at a multiple of ten holds every class once.
 */
import { SPOKE_LINES } from './forms.ts';
import { Painter } from './painter.ts';
import type { Colour, Pose } from './painter.ts';
import { Random } from '../domain/random.ts';
import type { LabelledImages, Part } from './types.ts';

export const SYNTHETIC_CLASSES = [
  'disc',
  'ring',
  'square',
  'triangle',
  'cross',
  'stripes',
  'checks',
  'dots',
  'ripples',
  'spokes',
] as const;

/** Of 20,000 training images of seed 1, pixels scaled to 0 … 1. */
export const SYNTHETIC_MEAN = [0.502, 0.502, 0.502];
export const SYNTHETIC_STD = [0.234, 0.234, 0.234];

/** A random direction: a point in the disc, not too near its centre, scaled to length 1. No sine needed. */
function direction(random: Random): [number, number] {
  for (;;) {
    const x = random.between(-1, 1);
    const y = random.between(-1, 1);
    const square = x * x + y * y;
    if (square > 0.01 && square <= 1) {
      const length = Math.sqrt(square);
      return [x / length, y / length];
    }
  }
}

/** A colour of about this brightness, each channel up to `spread` off. */
function colourAround(random: Random, brightness: number, spread: number): Colour {
  const channel = (): number => brightness + random.between(-spread, spread);
  return [channel(), channel(), channel()];
}

function paintClutter(painter: Painter, random: Random, brightness: number): void {
  const { size } = painter;
  const scale = size / 32;
  const pieces = 3 + random.below(5);
  for (let k = 0; k < pieces; k++) {
    const [axisX, axisY] = direction(random);
    const blob = random.below(2) === 0;
    const half = blob ? 0 : random.between(1.5, 5) * scale;
    const width = random.between(0.6, blob ? 2.2 : 1.2) * scale;
    const pose: Pose = { x: random.between(0, size), y: random.between(0, size), axisX, axisY };
    painter.stroke(pose, half, width, colourAround(random, brightness, 90), random.between(0.3, 0.6));
  }
}

/** Ranges that differ from class to class. */
function periodOf(kind: string, random: Random): number {
  if (kind === 'checks') return random.between(6, 9);
  return kind === 'dots' ? random.between(5, 6.5) : random.between(4, 6.5);
}

function thicknessOf(kind: string, random: Random): number {
  if (kind === 'ring') return random.between(0.13, 0.2);
  return kind === 'cross' ? random.between(0.18, 0.3) : random.between(0.4, 0.6);
}

function paintObject(painter: Painter, random: Random, label: number, brightness: number, ground: number): void {
  const { size } = painter;
  const scale = size / 32;
  const kind = SYNTHETIC_CLASSES[label];
  const radius = random.between(8.5, 12.5) * scale;
  const tilt = random.between(-0.35, 0.35);
  const length = Math.sqrt(1 + tilt * tilt);
  const form = {
    kind: label,
    radius,
    aspect: random.between(0.7, 1),
    period: periodOf(kind, random) * scale,
    phaseU: random.between(0, 10) * scale,
    phaseV: random.between(0, 10) * scale,
    thickness: thicknessOf(kind, random),
    round: random.below(2) === 0,
    lines: SPOKE_LINES[random.below(2)],
  };
  const patchColour = random.below(2) === 0 ? colourAround(random, ground, 30) : null;
  // The object may reach a little over the border.
  const margin = radius * 0.85;
  const pose: Pose = {
    x: random.between(margin, size - margin),
    y: random.between(margin, size - margin),
    axisX: 1 / length,
    axisY: tilt / length,
  };
  painter.form(form, pose, colourAround(random, brightness, 40), patchColour);
}

/** Adds noise and rounds to bytes. */
function quantise(planes: Float64Array, random: Random, out: Uint8Array, at: number): void {
  const noise = random.between(4, 18);
  for (let i = 0; i < planes.length; i++) {
    // Triangular noise from one 32-bit draw: the difference of its two halves.
    const bits = random.uint32();
    const value = planes[i] + (((bits >>> 16) - (bits & 0xffff)) / 65536) * noise;
    out[at + i] = Math.max(0, Math.min(255, Math.floor(value + 0.5)));
  }
}

function draw(painter: Painter, random: Random, label: number): void {
  // Brightness of ground and object: far enough apart, either way round.
  const contrast = random.between(70, 135) * (random.below(2) === 0 ? 1 : -1);
  const middle = random.between(88, 168);
  const ground = middle - contrast / 2;
  const tint = colourAround(random, ground, 40);
  const corner = (): Colour => [
    tint[0] + random.between(-22, 22),
    tint[1] + random.between(-22, 22),
    tint[2] + random.between(-22, 22),
  ];
  painter.background([corner(), corner(), corner(), corner()]);
  paintClutter(painter, random, middle);
  paintObject(painter, random, label, middle + contrast / 2, ground);
}

export interface SyntheticRequest {
  /** Taken modulo 2³². */
  seed: number;
  part: Part;
  count: number;
  /** Index of the first image; default 0. */
  first?: number;
  /** Height and width; default 32. Forms scale with it. */
  size?: number;
}

/** What a generator is for: the parts and, in each, the order of labels and the images draw from streams of their own. */
const STREAMS = { train: 1, test: 2, labels: 1, images: 2 };

/** Draws images first … first + count − 1 of a part. About 10,000 a second of 32 × 32. */
export function drawSynthetic({ seed, part, count, first = 0, size = 32 }: SyntheticRequest): LabelledImages {
  const classes = SYNTHETIC_CLASSES.length;
  const images = new Uint8Array(count * 3 * size * size);
  const labels = new Uint8Array(count);
  const painter = new Painter(size);
  const random = new Random();
  let order: Uint8Array = new Uint8Array(classes);
  for (let n = 0; n < count; n++) {
    const index = first + n;
    if (n === 0 || index % classes === 0) {
      random.restart(seed, STREAMS[part], STREAMS.labels, Math.floor(index / classes));
      order = random.shuffle(Uint8Array.from({ length: classes }, (_, i) => i));
    }
    labels[n] = order[index % classes];
    random.restart(seed, STREAMS[part], STREAMS.images, index);
    draw(painter, random, labels[n]);
    quantise(painter.planes, random, images, n * 3 * size * size);
  }
  return {
    images,
    labels,
    count,
    shape: [3, size, size],
    classes: SYNTHETIC_CLASSES,
    mean: SYNTHETIC_MEAN,
    std: SYNTHETIC_STD,
  };
}
