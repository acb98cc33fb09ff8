import { describe, expect, it } from 'vitest';
import { normalCdf, normalPdf } from './normal.ts';
import { lossAndGradient, oneGateData, OneGateTrainer, quadrantClass, SETTINGS } from './oneGate.ts';
import type { OneGateModel, OneGateTask } from './oneGate.ts';
import { seeded } from './testing.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

const trained = (task: OneGateTask, model: OneGateModel, others: number, seed: number) => {
  const trainer = new OneGateTrainer({ task, model, others, seed });
  trainer.step(Infinity);
  return trainer;
};

/** Connected regions of one sign on a grid of the square, by flood fill. */
function regions(trainer: OneGateTrainer, side = 80): number {
  const sign = Array.from(
    { length: side * side },
    (_, i) => trainer.predict((2 * (i % side) + 1) / side - 1, (2 * Math.floor(i / side) + 1) / side - 1) > 0,
  );
  const seen = new Uint8Array(side * side);
  let count = 0;
  for (let start = 0; start < seen.length; start++) {
    if (seen[start]) continue;
    let size = 0;
    const queue = [start];
    seen[start] = 1;
    for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
      size++;
      const [x, y] = [at % side, Math.floor(at / side)];
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        const next = (y + dy) * side + x + dx;
        if (x + dx < 0 || x + dx >= side || y + dy < 0 || y + dy >= side || seen[next] || sign[next] !== sign[at])
          continue;
        seen[next] = 1;
        queue.push(next);
      }
    }
    if (size > (side * side) / 100) count++;
  }
  return count;
}

describe('one DReLU', () => {
  it('shared by two neurons learns the four quadrants to 98 % from at least 9 of 10 seeds', () => {
    const accuracies = SEEDS.map((seed) => trained('quadrants', 'sharing', 1, seed).accuracy());
    expect(accuracies.filter((accuracy) => accuracy >= 0.98).length, accuracies.join(' ')).toBeGreaterThanOrEqual(9);
  });

  it('with eight linear neurons (SNL) stays at two parallel lines, near 83 %', () => {
    for (const seed of SEEDS) {
      const trainer = trained('quadrants', 'snl', 8, seed);
      expect(trainer.accuracy(), `seed ${seed}`).toBeGreaterThan(0.82);
      expect(trainer.accuracy(), `seed ${seed}`).toBeLessThan(0.84);
      expect(regions(trainer), `seed ${seed}`).toBe(3);
    }
  });

  it('solves classic XOR either way, so that this does not tell the two apart', () => {
    for (const seed of SEEDS)
      for (const model of ['sharing', 'snl'] as const)
        expect(trained('classic', model, model === 'snl' ? 8 : 1, seed).accuracy(), `${model} ${seed}`).toBe(1);
  });

  it('can represent the quadrants exactly: x2·(2·1[x1 > 0] − 1)', () => {
    const trainer = new OneGateTrainer({ task: 'quadrants', model: 'sharing', others: 1, seed: 1 });
    trainer.step(SETTINGS.softSteps);
    trainer.parameters.set([1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 2, -1, 0]);
    expect(trainer.accuracy()).toBe(1);
    expect(trainer.predict(-0.5, -0.25)).toBe(0.25);
    expect(trainer.gateLine).toEqual({ w1: 1, w2: 0, bias: 0 });
  });

  it('the best two parallel lines are right on 5/6 of the square', () => {
    const band = (limit: number) => {
      let right = 0;
      for (let i = 0; i < 300; i++)
        for (let j = 0; j < 300; j++) {
          const [x1, x2] = [(2 * i + 1) / 300 - 1, (2 * j + 1) / 300 - 1];
          if ((Math.abs(x1 + x2) > limit ? 1 : -1) === quadrantClass(x1, x2)) right++;
        }
      return right / 90_000;
    };
    expect(band(2 / 3)).toBeCloseTo(5 / 6, 2);
    expect(Math.max(...[0.3, 0.5, 0.6, 0.73, 0.9, 1.2].map(band))).toBeLessThan(band(2 / 3));
  });
});

describe('the trainer', () => {
  it('has the gradients of finite differences, soft and, off the gate’s edge, hard', () => {
    for (const model of ['sharing', 'snl'] as const)
      for (const slope of [1, 3, null]) {
        const random = seeded(7);
        const parameters = Float64Array.from({ length: 3 * 6 + 1 }, () => 2 * random.next() - 1);
        const data = oneGateData('quadrants', 3);
        const { gradient } = lossAndGradient(parameters, model, data, slope);
        parameters.forEach((value, i) => {
          // moving the prototype's own line flips hard gates: no gradient flows there, by design
          if (slope === null && i < 3) return;
          const h = 1e-5;
          const at = (shift: number) => lossAndGradient(parameters.with(i, value + shift), model, data, slope).loss;
          expect(gradient[i], `${model} ${slope} ${i}`).toBeCloseTo((at(h) - at(-h)) / (2 * h), 6);
        });
      }
  });

  it('in the soft phase a replicate moves the prototype’s weights, in the hard phase it does not', () => {
    const data = oneGateData('quadrants', 3);
    // the prototype's own output weight is 0, so that all its gradient comes through the replicate
    const parameters = Float64Array.of(0.6, 0.3, 0.1, 0, 1, 0, 0.2, 0.7, 0, 0.9, 1.5, -0.4, 0);
    const soft = lossAndGradient(parameters, 'sharing', data, 2).gradient;
    const hard = lossAndGradient(parameters, 'sharing', data, null).gradient;
    expect(Math.abs(soft[0]) + Math.abs(soft[1])).toBeGreaterThan(0.01);
    expect([hard[0], hard[1], hard[2]].map(Math.abs)).toEqual([0, 0, 0]);
  });

  it('goes the same course from the same seed, in one go or in many, and another from another', () => {
    const options = { task: 'quadrants', model: 'sharing', others: 1, seed: 5 } as const;
    const [a, b] = [new OneGateTrainer(options), new OneGateTrainer(options)];
    a.step(60);
    for (let i = 0; i < 20; i++) b.step(3);
    expect(a.parameters).toEqual(b.parameters);
    expect(new OneGateTrainer({ ...options, seed: 6 }).parameters).not.toEqual(new OneGateTrainer(options).parameters);
    expect(a.state).toMatchObject({ step: 60, phase: 'soft', done: false });
    expect(a.step(Infinity)).toMatchObject({ step: a.state.steps, phase: 'hard', slope: null, done: true });
    const end = Float64Array.from(a.parameters);
    a.step(10);
    expect(a.parameters).toEqual(end);
    expect(() => new OneGateTrainer({ ...options, others: 0 })).toThrow(RangeError);
  });

  it('uses Φ to double precision', () => {
    // scipy.stats.norm.cdf
    const cdf: [number, number][] = [
      [0, 0.5],
      [1, 0.8413447460685429],
      [-1, 0.15865525393145707],
      [2.5, 0.9937903346742238],
      [-6, 9.865876450376946e-10],
      [-3, 0.0013498980316300933],
    ];
    for (const [z, value] of cdf) expect(Math.abs(normalCdf(z) / value - 1), `${z}`).toBeLessThan(1e-12);
    expect(normalPdf(1)).toBeCloseTo(0.24197072451914337, 15);
    expect(normalCdf(-50)).toBe(0);
    expect(normalCdf(50)).toBe(1);
  });
});
