/**
 * One gate, two problems: the smallest place where sharing a DReLU does what removing ReLUs cannot.
 *
 *   z_i = w_i·x + b_i            i = 0 is the one neuron that computes its DReLU, d = 1[z_0 > 0]
 *   f   = c + v_0·z_0·d + Σ_{i>0} v_i·z_i·(scale_i·d + shift_i),   class = sign f
 *
 *   shared   scale and shift of the others are trained from (1, 0): replicates of neuron 0 (DeepShare)
 *   linear   scale and shift stay (0, 1): what SNL leaves of a removed ReLU
 *
 * Quadrant XOR: x uniform on [−1, 1]², class sign(x1·x2). f = x2·(2·1[x1 > 0] − 1) solves it with one DReLU. Without sharing
 * f is linear on either side of one line and continuous, so that f = 0 is at most a line, two parallel lines or one line with
 * a bend, however many linear neurons there are (Bornfeld & Avidan 2025, Corollary 1). The best two parallel lines,
 * |x1 − x2| = 2/3, are right on 5/6 of the square. Classic XOR, the four corners alone, falls to two parallel lines: it does
 * not tell the two networks apart.
 *
 * While training, the gate is Φ(s·z_0) with s rising from 1 (GELU's gate, through which gradients reach neuron 0 from its
 * replicates), then the step: the GELU-to-ReLU protocol. Adam on the whole set, logistic loss. Float64, no data, no GPU.
 */

import { normalCdf, normalDensity } from './normal.ts';
import { mulberry32 } from './random.ts';

export type Sharing = 'shared' | 'linear';

export interface OneGateOptions {
  sharing: Sharing;
  /** Neurons beside the one with the DReLU: replicates or linear neurons. */
  others: number;
  seed: number;
  points: LabelledPoints;
  /** Training steps in all. */
  steps?: number;
}

export interface LabelledPoints {
  /** x1, x2 of each point, one after the other. */
  x: Float64Array;
  /** 1 or 0. */
  y: Uint8Array;
}

/** Largest share of [−1, 1]² on which two parallel lines agree with sign(x1·x2): 2·t − 3·t²/2 + 1 halved, at t = 2/3. */
export const bestParallelLines = 5 / 6;

export const DEFAULT_STEPS = 1200;
/** Share of the steps with the soft gate. */
const SOFT_SHARE = 0.7;
const SLOPE = { from: 1, to: 10 };
/** At the start; falls to 0 along half a cosine, without which the hard phase wanders off again. */
const LEARNING_RATE = 0.05;
/** Biases and output weights start within ± this. */
const SMALL = 0.3;
const BETA1 = 0.9;
const BETA2 = 0.999;
const TINY = 1e-8;

/** Seeds lie close together: spread them before the generator. */
const uniformFrom = (seed: number) => mulberry32(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b));

/** Points of the quadrant XOR, uniform on [−1, 1]². */
export function quadrantPoints(seed: number, count = 600): LabelledPoints {
  const next = uniformFrom(seed * 2 + 1);
  const x = Float64Array.from({ length: 2 * count }, () => 2 * next() - 1);
  return { x, y: Uint8Array.from({ length: count }, (_, i) => Number(x[2 * i] * x[2 * i + 1] > 0)) };
}

/** The four points of the classic XOR, in the corners (±1, ±1) scaled by 0.7 so that they lie within the square drawn. */
export const classicPoints = (): LabelledPoints => ({
  x: Float64Array.of(0.7, 0.7, -0.7, 0.7, -0.7, -0.7, 0.7, -0.7),
  y: Uint8Array.of(1, 0, 1, 0),
});

const sigmoid = (f: number) => 1 / (1 + Math.exp(-f));

/** log(1 + e^−m) without overflow. */
const softplusNegative = (m: number) => (m > 0 ? Math.log1p(Math.exp(-m)) : -m + Math.log1p(Math.exp(m)));

/**
 * Parameters lie in one vector, a neuron of six after the other: w1, w2, b, v, scale, shift; c at the end. Neuron 0's scale and
 * shift are (1, 0) and stay so.
 */
const STRIDE = 6;

export class OneGate {
  readonly sharing: Sharing;
  readonly neurons: number;
  readonly steps: number;
  readonly points: LabelledPoints;
  readonly parameters: Float64Array;
  /** Training steps done. */
  step = 0;
  /** Mean logistic loss of the last step. */
  loss = NaN;
  private readonly gradient: Float64Array;
  private readonly first: Float64Array;
  private readonly second: Float64Array;

  constructor({ sharing, others, seed, points, steps = DEFAULT_STEPS }: OneGateOptions) {
    this.sharing = sharing;
    this.neurons = others + 1;
    this.points = points;
    this.steps = steps;
    const length = STRIDE * this.neurons + 1;
    this.parameters = new Float64Array(length);
    this.gradient = new Float64Array(length);
    this.first = new Float64Array(length);
    this.second = new Float64Array(length);
    const next = uniformFrom(seed * 2);
    const small = () => SMALL * (2 * next() - 1);
    // Unit weight vectors, the second at right angles to the first (Saxe et al. 2014): neurons that start alike tend to end at
    // the two parallel lines. The same draws for both networks.
    let angle = 0;
    for (let i = 0; i < this.neurons; i++) {
      angle = i === 1 ? angle + (next() < 0.5 ? 1 : -1) * (Math.PI / 2) : 2 * Math.PI * next();
      const linear = i > 0 && sharing === 'linear';
      this.parameters.set(
        [Math.cos(angle), Math.sin(angle), small(), small(), linear ? 0 : 1, linear ? 1 : 0],
        STRIDE * i,
      );
    }
  }

  get done(): boolean {
    return this.step >= this.steps;
  }

  /** Slope of the soft gate at present; null: the step. */
  get slope(): number | null {
    const t = this.step / (SOFT_SHARE * this.steps);
    return t < 1 ? SLOPE.from * (SLOPE.to / SLOPE.from) ** t : null;
  }

  /** f at (x1, x2), with the step (or with a soft gate of the slope given). */
  output(x1: number, x2: number, slope: number | null = null): number {
    const p = this.parameters;
    const z0 = p[0] * x1 + p[1] * x2 + p[2];
    const d = slope === null ? Number(z0 > 0) : normalCdf(slope * z0);
    let f = p[p.length - 1];
    for (let k = 0; k < STRIDE * this.neurons; k += STRIDE) {
      const z = p[k] * x1 + p[k + 1] * x2 + p[k + 2];
      f += p[k + 3] * z * (p[k + 4] * d + p[k + 5]);
    }
    return f;
  }

  /**
   * f as it stands, as a function whose cost does not grow with the neurons: given the gate d, f is linear in x,
   * f = (p + d·q)·(x1, x2, 1) with p = Σ v·shift·w and q = Σ v·scale·w. For drawing and counting.
   */
  frozen(slope: number | null = null): (x1: number, x2: number) => number {
    const w = this.parameters;
    const [g1, g2, g0] = w;
    const last = w.length - 1;
    let [p1, p2, p0, q1, q2, q0] = [0, 0, w[last], 0, 0, 0];
    for (let k = 0; k < last; k += STRIDE) {
      const fixed = w[k + 3] * w[k + 5];
      const gated = w[k + 3] * w[k + 4];
      p1 += fixed * w[k];
      p2 += fixed * w[k + 1];
      p0 += fixed * w[k + 2];
      q1 += gated * w[k];
      q2 += gated * w[k + 1];
      q0 += gated * w[k + 2];
    }
    return (x1, x2) => {
      const z0 = g1 * x1 + g2 * x2 + g0;
      const d = slope === null ? Number(z0 > 0) : normalCdf(slope * z0);
      return p1 * x1 + p2 * x2 + p0 + d * (q1 * x1 + q2 * x2 + q0);
    };
  }

  /** Mean logistic loss and, in `into`, its gradient by every parameter (zero for those that are not trained). */
  lossAndGradient(slope: number | null, into: Float64Array): number {
    const { x, y } = this.points;
    const p = this.parameters;
    const last = p.length - 1;
    const count = y.length;
    into.fill(0);
    let loss = 0;
    for (let n = 0; n < count; n++) {
      const x1 = x[2 * n];
      const x2 = x[2 * n + 1];
      const z0 = p[0] * x1 + p[1] * x2 + p[2];
      const d = slope === null ? Number(z0 > 0) : normalCdf(slope * z0);
      let f = p[last];
      /** df/dd: from every neuron that uses the gate. */
      let byGate = 0;
      for (let k = 0; k < last; k += STRIDE) {
        const z = p[k] * x1 + p[k + 1] * x2 + p[k + 2];
        f += p[k + 3] * z * (p[k + 4] * d + p[k + 5]);
        byGate += p[k + 3] * z * p[k + 4];
      }
      loss += softplusNegative(y[n] ? f : -f);
      const error = sigmoid(f) - y[n];
      into[last] += error;
      for (let k = 0; k < last; k += STRIDE) {
        const z = p[k] * x1 + p[k + 1] * x2 + p[k + 2];
        const gate = p[k + 4] * d + p[k + 5];
        let byZ = p[k + 3] * gate;
        if (k === 0 && slope !== null) byZ += byGate * slope * normalDensity(slope * z0);
        into[k] += error * byZ * x1;
        into[k + 1] += error * byZ * x2;
        into[k + 2] += error * byZ;
        into[k + 3] += error * z * gate;
        if (k > 0 && this.sharing === 'shared') {
          into[k + 4] += error * p[k + 3] * z * d;
          into[k + 5] += error * p[k + 3] * z;
        }
      }
    }
    for (let i = 0; i <= last; i++) into[i] /= count;
    return loss / count;
  }

  /** One step of Adam on all points. */
  train(): void {
    const g = this.gradient;
    this.loss = this.lossAndGradient(this.slope, g);
    const rate = (LEARNING_RATE * (1 + Math.cos((Math.PI * this.step) / this.steps))) / 2;
    this.step++;
    const bias1 = 1 - BETA1 ** this.step;
    const bias2 = 1 - BETA2 ** this.step;
    for (let i = 0; i < g.length; i++) {
      this.first[i] = BETA1 * this.first[i] + (1 - BETA1) * g[i];
      this.second[i] = BETA2 * this.second[i] + (1 - BETA2) * g[i] * g[i];
      this.parameters[i] -= (rate * (this.first[i] / bias1)) / (Math.sqrt(this.second[i] / bias2) + TINY);
    }
  }

  /** Share of the training points on the right side, with the step. */
  pointAccuracy(): number {
    const { x, y } = this.points;
    const f = this.frozen();
    let right = 0;
    for (let n = 0; n < y.length; n++) if (f(x[2 * n], x[2 * n + 1]) > 0 === (y[n] === 1)) right++;
    return right / y.length;
  }

  /** Share of [−1, 1]² on which the class is sign(x1·x2), with the step, on a grid of `side`² cell centres. */
  quadrantAccuracy(side = 100): number {
    const f = this.frozen();
    let right = 0;
    for (let i = 0; i < side; i++) {
      const x1 = (2 * i + 1) / side - 1;
      for (let j = 0; j < side; j++) {
        const x2 = (2 * j + 1) / side - 1;
        if (f(x1, x2) > 0 === x1 * x2 > 0) right++;
      }
    }
    return right / side ** 2;
  }
}
