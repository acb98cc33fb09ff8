/**
 * The built-in data set: ten classes of colour images drawn by code from a seed, so that the studio works with nothing at hand.
 *
 * Each image: a background of four blended corner colours, clutter (small blobs and short bars), one object, noise. The class
 * is the object's form alone; place, size, rotation, colours, polarity (light on dark or dark on light), contrast, clutter and
 * noise are drawn at random, so the mean of any pixel says nothing about the class: a network whose gates are all linear is an
 * affine function of the image and has nothing to go by. Mirroring an image keeps its class.
 *
 *   disc      filled ellipse                       stripes   patch of parallel bars
 *   ring      ellipse with a hole                  checks    patch of a chessboard
 *   square    filled square                        dots      patch of small discs in a square lattice
 *   triangle  filled equilateral triangle          ripples   concentric rings
 *   cross     two bars at a right angle            spokes    sectors around a point, alternately filled
 *
 * Every number is made by +, −, ×, ÷ and √ on doubles from 32-bit integers, which IEEE 754 rounds alike everywhere: the same
 * seed gives the same bytes on every machine. Image i depends on (seed, part, i) alone, not on how many are drawn; each run of
 * ten images that starts at a multiple of ten holds every class once.
 */
import { Random } from './random.ts';
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

const TRIANGLE_NORMALS = [0, 1, Math.sqrt(3) / 2, -0.5, -Math.sqrt(3) / 2, -0.5];
/** Unit normals of the three or four lines that cut the plane into six or eight sectors. */
const SPOKE_NORMALS = [
  [1, 0, 0.5, Math.sqrt(3) / 2, -0.5, Math.sqrt(3) / 2],
  [1, 0, Math.sqrt(0.5), Math.sqrt(0.5), 0, 1, -Math.sqrt(0.5), Math.sqrt(0.5)],
];

interface Form {
  kind: number;
  /** Radius in pixels. */
  radius: number;
  /** Second axis of disc and ring over the first. */
  aspect: number;
  /** Period of a texture in pixels. */
  period: number;
  phaseU: number;
  phaseV: number;
  /** Width of a line (ring, cross) or share of the period that is filled, in units of its own. */
  thickness: number;
  /** Patches: true round, false square. */
  round: boolean;
  lines: number[];
}

/** Distance from x to the nearest edge of a wave of the given period, positive where filled (share of the period `fill`). */
function band(x: number, period: number, fill: number): number {
  const t = x / period;
  const inPeriod = (t - Math.floor(t)) * period;
  return fill * period * 0.5 - Math.abs(inPeriod - period * 0.5);
}

/**
 * Signed distance in pixels (positive inside, roughly exact near the edge) of the form at (u, v), pixels from its centre along
 * its own axes.
 */
function inside(form: Form, u: number, v: number): number {
  const r = form.radius;
  switch (form.kind) {
    case 0: // disc
      return r - Math.sqrt(u * u + (v * v) / (form.aspect * form.aspect));
    case 1: // ring
      return form.thickness * r - Math.abs(r * (1 - form.thickness) - Math.sqrt(u * u + (v * v) / (form.aspect * form.aspect)));
    case 2: // square
      return 0.87 * r - Math.max(Math.abs(u), Math.abs(v));
    case 3: {
      // triangle
      const n = TRIANGLE_NORMALS;
      return 0.6 * r - Math.max(n[0] * u + n[1] * v, n[2] * u + n[3] * v, n[4] * u + n[5] * v);
    }
    case 4: {
      // cross
      const a = Math.abs(u);
      const b = Math.abs(v);
      const w = form.thickness * r;
      return Math.max(Math.min(r - a, w - b), Math.min(w - a, r - b));
    }
  }
  const edge = form.round ? r - Math.sqrt(u * u + v * v) : 0.87 * r - Math.max(Math.abs(u), Math.abs(v));
  if (edge < -1) return -1;
  switch (form.kind) {
    case 5: // stripes
      return Math.min(edge, band(u + form.phaseU, form.period, form.thickness));
    case 6: {
      // checks: filled where both bands agree
      const p = band(u + form.phaseU, form.period, 0.5);
      const q = band(v + form.phaseV, form.period, 0.5);
      const d = Math.min(Math.abs(p), Math.abs(q));
      return Math.min(edge, p > 0 === q > 0 ? d : -d);
    }
    case 7: {
      // dots
      const p = form.period;
      const a = (u + form.phaseU) / p;
      const b = (v + form.phaseV) / p;
      const x = (a - Math.floor(a) - 0.5) * p;
      const y = (b - Math.floor(b) - 0.5) * p;
      return Math.min(edge, 0.32 * p - Math.sqrt(x * x + y * y));
    }
    case 8: // ripples
      return Math.min(r - Math.sqrt(u * u + v * v), band(Math.sqrt(u * u + v * v) + form.phaseU, form.period, form.thickness));
    default: {
      // spokes
      const n = form.lines;
      let sign = 1;
      let nearest = Infinity;
      for (let k = 0; k < n.length; k += 2) {
        const d = n[k] * u + n[k + 1] * v;
        if (d < 0) sign = -sign;
        nearest = Math.min(nearest, Math.abs(d));
      }
      return Math.min(r - Math.sqrt(u * u + v * v), sign * nearest);
    }
  }
}

/** A random unit vector by the rational parametrisation of the circle, evened out: no sine needed. */
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

class Painter {
  readonly planes: Float64Array;
  constructor(readonly size: number) {
    this.planes = new Float64Array(3 * size * size);
  }

  /** Four corner colours, blended bilinearly. */
  background(corners: number[][]): void {
    const { size, planes } = this;
    for (let c = 0; c < 3; c++) {
      for (let y = 0, i = c * size * size; y < size; y++) {
        const t = y / (size - 1);
        const left = corners[0][c] + (corners[2][c] - corners[0][c]) * t;
        const step = (corners[1][c] + (corners[3][c] - corners[1][c]) * t - left) / (size - 1);
        for (let x = 0; x < size; x++) planes[i++] = left + step * x;
      }
    }
  }

  private blend(i: number, coverage: number, colour: number[]): void {
    const { planes, size } = this;
    const area = size * size;
    planes[i] += (colour[0] - planes[i]) * coverage;
    planes[i + area] += (colour[1] - planes[i + area]) * coverage;
    planes[i + 2 * area] += (colour[2] - planes[i + 2 * area]) * coverage;
  }

  /** A thick segment with round ends; a blob where its half length is 0. Pixels throughout. */
  capsule(cx: number, cy: number, ax: number, ay: number, half: number, width: number, colour: number[], alpha: number): void {
    const reach = half + width + 1;
    const { size } = this;
    const x0 = Math.max(0, Math.floor(cx - reach));
    const x1 = Math.min(size - 1, Math.ceil(cx + reach));
    const y1 = Math.min(size - 1, Math.ceil(cy + reach));
    for (let y = Math.max(0, Math.floor(cy - reach)); y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const dx = x - cx;
        const dy = y - cy;
        const along = Math.max(-half, Math.min(half, dx * ax + dy * ay));
        const px = dx - along * ax;
        const py = dy - along * ay;
        const d = width - Math.sqrt(px * px + py * py) + 0.5;
        if (d > 0) this.blend(y * size + x, alpha * (d < 1 ? d : 1), colour);
      }
    }
  }

  form(form: Form, cx: number, cy: number, ax: number, ay: number, colour: number[], ground: number[] | null): void {
    const { size } = this;
    const reach = form.radius * 1.3 + 1;
    const x0 = Math.max(0, Math.floor(cx - reach));
    const x1 = Math.min(size - 1, Math.ceil(cx + reach));
    const y1 = Math.min(size - 1, Math.ceil(cy + reach));
    const patch = form.kind >= 5 && ground !== null;
    for (let y = Math.max(0, Math.floor(cy - reach)); y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const dx = x - cx;
        const dy = y - cy;
        const u = dx * ax + dy * ay;
        const v = dy * ax - dx * ay;
        if (patch) {
          const round = form.round || form.kind >= 8;
          const edge = (round ? form.radius - Math.sqrt(u * u + v * v) : 0.87 * form.radius - Math.max(Math.abs(u), Math.abs(v))) + 0.5;
          if (edge > 0) this.blend(y * size + x, edge < 1 ? edge : 1, ground);
        }
        const d = inside(form, u, v) + 0.5;
        if (d > 0) this.blend(y * size + x, d < 1 ? d : 1, colour);
      }
    }
  }
}

function drawInto(out: Uint8Array, at: number, painter: Painter, kind: number, random: Random): void {
  const { size, planes } = painter;
  const scale = size / 32;
  const colour = (base: number, spread: number): number[] => [0, 1, 2].map(() => base + random.between(-spread, spread));

  // Luminance of ground and object: far enough apart, either way round.
  const contrast = random.between(70, 135);
  const middle = random.between(128 - 40, 128 + 40);
  const polarity = random.below(2) === 0 ? 1 : -1;
  const ground = middle - (polarity * contrast) / 2;
  const object = middle + (polarity * contrast) / 2;

  const tint = colour(ground, 40);
  painter.background([0, 1, 2, 3].map(() => tint.map((t) => t + random.between(-22, 22))));
  const pieces = 3 + random.below(5);
  for (let k = 0; k < pieces; k++) {
    const [ax, ay] = direction(random);
    const half = random.below(2) === 0 ? 0 : random.between(1.5, 5) * scale;
    const width = random.between(0.6, half === 0 ? 2.2 : 1.2) * scale;
    painter.capsule(random.between(0, size), random.between(0, size), ax, ay, half, width, colour(middle, 90), random.between(0.3, 0.6));
  }

  const radius = random.between(8.5, 12.5) * scale;
  const margin = radius * 0.85;
  const tilt = random.between(-0.35, 0.35);
  const norm = Math.sqrt(1 + tilt * tilt);
  const [ax, ay] = [1 / norm, tilt / norm];
  const period = kind === 6 ? random.between(6, 9) : kind === 7 ? random.between(5, 6.5) : random.between(4, 6.5);
  const form: Form = {
    kind,
    radius,
    aspect: random.between(0.7, 1),
    period: period * scale,
    phaseU: random.between(0, 10) * scale,
    phaseV: random.between(0, 10) * scale,
    thickness: kind === 1 ? random.between(0.13, 0.2) : kind === 4 ? random.between(0.18, 0.3) : random.between(0.4, 0.6),
    round: random.below(2) === 0,
    lines: SPOKE_NORMALS[random.below(2)],
  };
  const second = random.below(2) === 0 ? colour(ground, 30) : null;
  painter.form(form, random.between(margin, size - margin), random.between(margin, size - margin), ax, ay, colour(object, 40), second);

  const noise = random.between(4, 18);
  for (let i = 0; i < planes.length; i++) {
    // Triangular noise from one 32-bit draw: the difference of its two halves.
    const bits = random.uint32();
    const value = planes[i] + (((bits >>> 16) - (bits & 0xffff)) / 65536) * noise;
    out[at + i] = value <= 0 ? 0 : value >= 255 ? 255 : Math.floor(value + 0.5);
  }
}

export interface SyntheticRequest {
  seed: number;
  part: Part;
  count: number;
  /** Index of the first image; default 0. */
  first?: number;
  /** Height and width; default 32. Forms scale with it. */
  size?: number;
}

/** Draws images first … first + count − 1 of a part. About 10,000 a second of 32×32. */
export function drawSynthetic({ seed, part, count, first = 0, size = 32 }: SyntheticRequest): LabelledImages {
  const bytes = 3 * size * size;
  const images = new Uint8Array(count * bytes);
  const labels = new Uint8Array(count);
  const stream = part === 'train' ? 1 : 2;
  const painter = new Painter(size);
  const random = new Random();
  let order = new Uint8Array(0);
  let block = -1;
  for (let n = 0; n < count; n++) {
    const index = first + n;
    if (Math.floor(index / 10) !== block) {
      block = Math.floor(index / 10);
      random.restart(seed, stream, 1, block);
      order = random.shuffle(Uint8Array.from(SYNTHETIC_CLASSES, (_, i) => i));
    }
    labels[n] = order[index % 10];
    random.restart(seed, stream, 2, index);
    drawInto(images, n * bytes, painter, labels[n], random);
  }
  return { images, labels, count, shape: [3, size, size], classes: SYNTHETIC_CLASSES, mean: SYNTHETIC_MEAN, std: SYNTHETIC_STD };
}
