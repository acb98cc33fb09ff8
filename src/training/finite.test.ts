/** A state with values that are not finite ends the run by name and reaches no checkpoint. */
import { describe, expect, it } from 'vitest';
import type { TensorMap } from '../engine/api.ts';
import { FakeEngine } from './fakeEngine.ts';
import { firstNonFinite } from './finite.ts';
import { rehearse, tinyExperiment } from './testing.ts';

const tensor = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });

describe('firstNonFinite', () => {
  it.each([NaN, Infinity, -Infinity])('finds %s among finite values', (value) => {
    const tensors: TensorMap = new Map([
      ['a', tensor(1, -0, 3.4e38)],
      ['b', tensor(1, value, 3)],
    ]);
    expect(firstNonFinite(tensors)).toBe('b');
  });

  it('finds nothing in finite values, however large or many', () => {
    expect(firstNonFinite(new Map([['a', tensor(3.4e38, 3.4e38, -3.4e38, 1e-45, -0)]]))).toBeNull();
    expect(firstNonFinite(new Map())).toBeNull();
  });
});

describe('a run', () => {
  /** From step `from` on, a tensor that the engine gives back holds a NaN; the loss stays finite. */
  async function broken(from: number, where: 'weights' | 'optimizerState') {
    class Broken extends FakeEngine {
      #taken = 0;
      override step(...given: Parameters<FakeEngine['step']>): void {
        this.#taken++;
        super.step(...given);
      }
      #spoil(tensors: TensorMap): TensorMap {
        if (this.#taken >= from) tensors.get('layer1.0.conv1.weight')!.data[3] = NaN;
        return tensors;
      }
      override async weights(): Promise<TensorMap> {
        const weights = await super.weights();
        return where === 'weights' ? this.#spoil(weights) : weights;
      }
      override async optimizerState(): Promise<TensorMap> {
        const state = await super.optimizerState();
        return where === 'optimizerState' ? this.#spoil(state) : state;
      }
    }
    const { outcome, saved } = rehearse(tinyExperiment([]), {
      checkpointSeconds: 0,
      createEngine: (settings) => new Broken(settings),
    });
    return { outcome: await outcome, saved };
  }

  it.each([
    ['weights', 'the parameter layer1.0.conv1.weight'],
    ['optimizerState', 'the gradient average layer1.0.conv1.weight'],
  ] as const)(
    'with a NaN in its %s stops, names the tensor and keeps the last good checkpoint',
    async (where, name) => {
      const { outcome, saved } = await broken(12, where);
      expect(outcome).toMatchObject({ status: 'failed', error: { name: 'DivergedError' } });
      if (outcome.status === 'failed')
        expect(outcome.error.message).toContain(`Dense training, epoch 2: ${name} is no longer a finite number.`);
      const { state, tensors } = saved();
      expect(state.step).toBe(10);
      expect(firstNonFinite(tensors.weights)).toBeNull();
      expect(firstNonFinite(tensors.optimizer!)).toBeNull();
    },
  );
});
