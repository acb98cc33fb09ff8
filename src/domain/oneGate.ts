/**
 * One DReLU for two neurons: the demonstration of what sharing can do and SNL cannot (after DeepShare, Bornfeld & Avidan 2025).
 *
 * A network of two inputs, one hidden layer with a single DReLU, one output:
 *
 *   z_i = w_i·x + b_i      d = 1[z_0 > 0], in the soft phase Φ(s·z_0)      f = Σ v_i · z_i · g_i + c,  class = sign f
 *   sharing   neuron 0 is the prototype, g_0 = d; every other neuron is a replicate, g_i = α_i·d + β_i, start (1, 0)
 *   SNL       neuron 0 keeps its ReLU, g_0 = d; every other neuron is linear, g_i = 1
 *
 * Four quadrants, target sign(x1·x2): f = x2·(2·1[x1 > 0] − 1) solves it with one DReLU and two neurons. With SNL, f is linear on
 * either side of one line and continuous, so that its boundary is at most a line, two parallel lines or a two-piece line
 * (DeepShare, Corollary 1): the best are two parallel lines |x1 + x2| = 2/3, right on 5/6 of the square.
 * Classic XOR, the square's four corners, does not tell the two apart: two parallel lines solve it.
 *
 * Trained on the squared error to the targets ±1 with Adam on all points at once, s rising geometrically over the soft phase, then
 * the step. Small initial weights matter: Φ(s·z) is then nearly linear, f nearly a quadratic form, and the product x1·x2 is found
 * before the two parallel lines, the local minimum, are.
 *
 * Public: OneGateTrainer (step, predict, accuracy, state); oneGateData(task, seed); SETTINGS; lossAndGradient (for tests).
 */
import { normalCdf, normalPdf } from './normal.ts';
import { mulberry32 } from './random.ts';

export type OneGateTask = 'quadrants' | 'classic';
export type OneGateModel = 'sharing' | 'snl';

export interface OneGateOptions {
  task: OneGateTask;
  model: OneGateModel;
  /** Neurons beside the one with the DReLU: replicates or linear ones. */
  others: number;
  seed: number;
}

export const SETTINGS = {
  /** Training points of the quadrants, drawn evenly from the square [−1, 1]². */
  points: 768,
  softSteps: 500,
  hardSteps: 500,
  /** Slope s of Φ(s·z) from the first to the last soft step. */
  slopeFrom: 1,
  slopeTo: 20,
  learningRate: 0.03,
  /** Standard deviation of the initial input and output weights. */
  initialScale: 0.1,
};

export interface OneGateData {
  x1: Float64Array;
  x2: Float64Array;
  /** +1 or −1. */
  target: Float64Array;
}

/** sign(x1·x2), 0 counted as −1. */
export const quadrantClass = (x1: number, x2: number): 1 | -1 => (x1 * x2 > 0 ? 1 : -1);

/** The training points of a task. */
export function oneGateData(task: OneGateTask, seed: number): OneGateData {
  const random = mulberry32(seed * 2 + 1);
  const count = task === 'classic' ? 4 : SETTINGS.points;
  const corner = [-1, 1];
  const draw = (at: number) => (task === 'classic' ? corner[at] : 2 * random() - 1);
  const x1 = new Float64Array(count);
  const x2 = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    x1[i] = draw(i >> 1);
    x2[i] = draw(i & 1);
  }
  return { x1, x2, target: x1.map((value, i) => quadrantClass(value, x2[i])) };
}

/** Parameters of a hidden neuron, in this order; then the output's constant c. */
const FIELDS = 6;
const [W1, W2, BIAS, OUT, SCALE, SHIFT] = [0, 1, 2, 3, 4, 5];

function initial(neurons: number, seed: number): Float64Array {
  const random = mulberry32(seed * 2);
  const parameters = new Float64Array(neurons * FIELDS + 1);
  for (let i = 0; i < neurons; i++) {
    const at = i * FIELDS;
    for (const field of [W1, W2, OUT]) parameters[at + field] = SETTINGS.initialScale * gaussian(random);
    parameters[at + SCALE] = 1;
  }
  return parameters;
}

/** Standard normal by Box and Muller. */
const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** d and its derivative by z_0; slope null: the step, which passes no gradient. */
const gateOf = (z: number, slope: number | null): [number, number] =>
  slope === null ? [z > 0 ? 1 : 0, 0] : [normalCdf(slope * z), slope * normalPdf(slope * z)];

/** What neuron i multiplies its own z by. */
function gateAt(parameters: Float64Array, model: OneGateModel, i: number, d: number): number {
  if (i === 0) return d;
  return model === 'snl' ? 1 : parameters[i * FIELDS + SCALE] * d + parameters[i * FIELDS + SHIFT];
}

function output(parameters: Float64Array, model: OneGateModel, x1: number, x2: number, slope: number | null): number {
  const neurons = (parameters.length - 1) / FIELDS;
  let f = parameters[parameters.length - 1];
  let d = 0;
  for (let i = 0; i < neurons; i++) {
    const at = i * FIELDS;
    const z = parameters[at + W1] * x1 + parameters[at + W2] * x2 + parameters[at + BIAS];
    if (i === 0) [d] = gateOf(z, slope);
    f += parameters[at + OUT] * z * gateAt(parameters, model, i, d);
  }
  return f;
}

/** Mean of (f − y)² over the points, and its gradient by every parameter. */
export function lossAndGradient(
  parameters: Float64Array,
  model: OneGateModel,
  data: OneGateData,
  slope: number | null,
): { loss: number; gradient: Float64Array } {
  const neurons = (parameters.length - 1) / FIELDS;
  const gradient = new Float64Array(parameters.length);
  const z = new Float64Array(neurons);
  const count = data.target.length;
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const x1 = data.x1[n];
    const x2 = data.x2[n];
    let f = parameters[parameters.length - 1];
    let d = 0;
    let slopeAt = 0;
    for (let i = 0; i < neurons; i++) {
      const at = i * FIELDS;
      z[i] = parameters[at + W1] * x1 + parameters[at + W2] * x2 + parameters[at + BIAS];
      if (i === 0) [d, slopeAt] = gateOf(z[0], slope);
      f += parameters[at + OUT] * z[i] * gateAt(parameters, model, i, d);
    }
    const error = f - data.target[n];
    loss += error * error;
    const df = (2 * error) / count;
    gradient[gradient.length - 1] += df;
    let dd = 0;
    for (let i = neurons - 1; i >= 0; i--) {
      const at = i * FIELDS;
      const replicate = i > 0 && model === 'sharing';
      const gate = gateAt(parameters, model, i, d);
      const byGate = df * parameters[at + OUT] * z[i];
      gradient[at + OUT] += df * z[i] * gate;
      if (replicate) {
        gradient[at + SCALE] += byGate * d;
        gradient[at + SHIFT] += byGate;
        dd += byGate * parameters[at + SCALE];
      }
      if (i === 0) dd += byGate;
      const dz = df * parameters[at + OUT] * gate + (i === 0 ? dd * slopeAt : 0);
      gradient[at + W1] += dz * x1;
      gradient[at + W2] += dz * x2;
      gradient[at + BIAS] += dz;
    }
  }
  return { loss: loss / count, gradient };
}

export interface OneGateState {
  step: number;
  steps: number;
  phase: 'soft' | 'hard';
  /** s of Φ(s·z); null once the step is used. */
  slope: number | null;
  loss: number;
  done: boolean;
}

/** Trains one network step by step, so that the page can draw in between. The same options give the same course. */
export class OneGateTrainer {
  readonly options: OneGateOptions;
  readonly data: OneGateData;
  readonly parameters: Float64Array;
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #step = 0;
  #loss = NaN;

  constructor(options: OneGateOptions) {
    if (!Number.isInteger(options.others) || options.others < 1)
      throw new RangeError(`Neurons beside the one with the DReLU must be at least 1, not ${options.others}.`);
    this.options = options;
    this.data = oneGateData(options.task, options.seed);
    this.parameters = initial(options.others + 1, options.seed);
    this.#first = new Float64Array(this.parameters.length);
    this.#second = new Float64Array(this.parameters.length);
  }

  get state(): OneGateState {
    const steps = SETTINGS.softSteps + SETTINGS.hardSteps;
    const slope = slopeAt(this.#step);
    return {
      step: this.#step,
      steps,
      phase: slope === null ? 'hard' : 'soft',
      slope,
      loss: this.#loss,
      done: this.#step >= steps,
    };
  }

  /** Takes up to `count` steps; stops at the end. */
  step(count = 1): OneGateState {
    for (let i = 0; i < count && !this.state.done; i++) this.#once();
    return this.state;
  }

  #once() {
    const { loss, gradient } = lossAndGradient(this.parameters, this.options.model, this.data, slopeAt(this.#step));
    this.#loss = loss;
    this.#step++;
    const total = SETTINGS.softSteps + SETTINGS.hardSteps;
    // The rate falls to zero over the last half, so that the lines come to rest.
    const rate = SETTINGS.learningRate * Math.min(1, 2 * (1 - (this.#step - 1) / total));
    const [one, two] = [1 - 0.9 ** this.#step, 1 - 0.999 ** this.#step];
    for (let i = 0; i < gradient.length; i++) {
      this.#first[i] = 0.9 * this.#first[i] + 0.1 * gradient[i];
      this.#second[i] = 0.999 * this.#second[i] + 0.001 * gradient[i] ** 2;
      this.parameters[i] -= (rate * (this.#first[i] / one)) / (Math.sqrt(this.#second[i] / two) + 1e-8);
    }
  }

  /** The network's output at a point, with the gate as it stands. */
  predict(x1: number, x2: number): number {
    return output(this.parameters, this.options.model, x1, x2, slopeAt(this.#step));
  }

  /** Share classified right, with the hard gate: a grid of `side`² cell centres of the square, or the four corners. */
  accuracy(side = 100): number {
    const { task, model } = this.options;
    const right = (x1: number, x2: number) =>
      (output(this.parameters, model, x1, x2, null) > 0 ? 1 : -1) === quadrantClass(x1, x2) ? 1 : 0;
    if (task === 'classic') return (right(-1, -1) + right(-1, 1) + right(1, -1) + right(1, 1)) / 4;
    let sum = 0;
    for (let i = 0; i < side; i++)
      for (let j = 0; j < side; j++) sum += right((2 * i + 1) / side - 1, (2 * j + 1) / side - 1);
    return sum / side ** 2;
  }

  /** The line z_0 = 0 on which the one DReLU switches: w1·x1 + w2·x2 + bias = 0. */
  get gateLine(): { w1: number; w2: number; bias: number } {
    return { w1: this.parameters[W1], w2: this.parameters[W2], bias: this.parameters[BIAS] };
  }
}

function slopeAt(step: number): number | null {
  const { softSteps, slopeFrom, slopeTo } = SETTINGS;
  return step >= softSteps ? null : slopeFrom * (slopeTo / slopeFrom) ** (step / Math.max(1, softSteps - 1));
}
