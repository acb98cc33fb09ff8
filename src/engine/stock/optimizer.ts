/**
 * SGD with momentum and Adam, op by op, as PyTorch computes them (torch.optim.SGD, torch.optim.Adam; 1.13).
 *
 *   g ← gradient + weightDecay · p
 *   SGD    v ← momentum · v + g;  p ← p − lr · v
 *   Adam   m ← β1 m + (1 − β1) g;  v ← β2 v + (1 − β2) g²;  p ← p − lr / (1 − β1^t) · m / (√v / √(1 − β2^t) + ε)
 */
import * as tf from '@tensorflow/tfjs';
import type { StepSettings, TensorMap } from '../api.ts';
import { toDevice, toHost, type StoredParameter } from './stockParameters.ts';

type Settings = StepSettings['optimizer'];
/** first: SGD's velocity or Adam's mean of gradients; second: Adam's mean of squares. */
type Slot = 'first' | 'second';
const SLOTS: Slot[] = ['first', 'second'];

export class Optimizer {
  /** Steps so far, for Adam's bias correction. */
  private updates = 0;
  private readonly slots = new Map<string, tf.Variable>();
  private readonly parameters: StoredParameter[];

  constructor(parameters: StoredParameter[]) {
    this.parameters = parameters;
  }

  private slot(slot: Slot, parameter: StoredParameter): tf.Variable {
    const key = `${slot}/${parameter.name}`;
    const found = this.slots.get(key);
    if (found) return found;
    const zeros = tf.zeros(parameter.variable.shape);
    const variable = tf.variable(zeros, false);
    zeros.dispose();
    this.slots.set(key, variable);
    return variable;
  }

  /**
   * Updates parameters in place.
   * @param gradients by parameter name; a parameter without one keeps still
   * @param rate learning rate of a parameter; null: it is frozen, its moments too
   */
  apply(
    gradients: Map<string, tf.Tensor>,
    settings: Settings,
    rate: (parameter: StoredParameter) => number | null,
  ): void {
    this.updates++;
    for (const parameter of this.parameters) {
      const gradient = gradients.get(parameter.name);
      const learningRate = rate(parameter);
      if (!gradient || learningRate === null) continue;
      tf.tidy(() => {
        const p = parameter.variable;
        const g = settings.weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(p, settings.weightDecay));
        p.assign(
          settings.kind === 'sgd'
            ? this.sgd(parameter, g, settings.momentum, learningRate)
            : this.adam(parameter, g, settings, learningRate),
        );
      });
    }
  }

  private sgd(parameter: StoredParameter, g: tf.Tensor, momentum: number, learningRate: number): tf.Tensor {
    let direction = g;
    if (momentum !== 0) {
      const v = this.slot('first', parameter);
      direction = tf.add(tf.mul(v, momentum), g);
      v.assign(direction);
    }
    return tf.sub(parameter.variable, tf.mul(direction, learningRate));
  }

  private adam(
    parameter: StoredParameter,
    g: tf.Tensor,
    settings: Extract<Settings, { kind: 'adam' }>,
    learningRate: number,
  ): tf.Tensor {
    const [beta1, beta2] = settings.betas ?? [0.9, 0.999];
    const m = this.slot('first', parameter);
    const v = this.slot('second', parameter);
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
    const correction1 = 1 - beta1 ** this.updates;
    const correction2 = 1 - beta2 ** this.updates;
    const denominator = tf.add(tf.div(tf.sqrt(v), Math.sqrt(correction2)), settings.epsilon ?? 1e-8);
    return tf.sub(parameter.variable, tf.mul(learningRate / correction1, tf.div(m, denominator)));
  }

  /** `first/NAME`, `second/NAME` in PyTorch's layouts, and `updates`. */
  async state(): Promise<TensorMap> {
    const entries = this.parameters.flatMap((parameter) =>
      SLOTS.flatMap((slot) => {
        const tensor = this.slots.get(`${slot}/${parameter.name}`);
        return tensor ? [{ name: `${slot}/${parameter.name}`, role: parameter.role, tensor }] : [];
      }),
    );
    const state = await toHost(entries);
    return state.set('updates', { shape: [1], data: Float32Array.of(this.updates) });
  }

  /** @throws RangeError where the state is of another network. */
  setState(state: TensorMap): void {
    this.clear();
    this.updates = state.get('updates')?.data[0] ?? 0;
    for (const parameter of this.parameters) {
      for (const slot of SLOTS) {
        const saved = state.get(`${slot}/${parameter.name}`);
        if (!saved) continue;
        if (saved.shape.join() !== parameter.shape.join())
          throw new RangeError(`Optimizer state of "${parameter.name}" has another shape.`);
        const value = toDevice(saved, parameter.role);
        this.slot(slot, parameter).assign(value);
        value.dispose();
      }
    }
  }

  clear(): void {
    for (const variable of this.slots.values()) variable.dispose();
    this.slots.clear();
    this.updates = 0;
  }
}
