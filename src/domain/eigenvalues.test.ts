/** Eigenvalues against matrices whose eigenvalues are known. */
import { describe, expect, it } from 'vitest';
import { symmetricEigenvalues } from './eigenvalues.ts';
import { seeded, withEigenvalues } from './testing.ts';

describe('eigenvalues of a symmetric matrix', () => {
  it('are those it was built from, repeated, zero and negative ones too', () => {
    for (const values of [[3], [2, 1], [5, 5, 5, 0, 0, -1, -7], [1e6, 1, 1e-6], [0, 0, 0, 0]]) {
      const found = symmetricEigenvalues(withEigenvalues(values, 3), values.length);
      const scale = Math.max(1, ...values.map(Math.abs));
      values
        .toSorted((a, b) => b - a)
        .forEach((value, i) => expect(Math.abs(found[i] - value) / scale).toBeLessThan(1e-12));
    }
    for (let seed = 1; seed <= 20; seed++) {
      const random = seeded(seed);
      const values = Array.from({ length: 1 + random.below(40) }, () => Math.round((random.next() - 0.3) * 1e3) / 1e2);
      const found = symmetricEigenvalues(withEigenvalues(values, seed + 100), values.length);
      values.toSorted((a, b) => b - a).forEach((value, i) => expect(found[i], `seed ${seed}`).toBeCloseTo(value, 9));
    }
  });

  it('of the second-difference matrix are 2 − 2·cos(kπ/(n+1))', () => {
    const n = 64;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      matrix[i * n + i] = 2;
      if (i > 0) matrix[i * n + i - 1] = matrix[(i - 1) * n + i] = -1;
    }
    const expected = Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))).reverse();
    symmetricEigenvalues(matrix, n).forEach((value, i) => expect(value).toBeCloseTo(expected[i], 12));
  });

  it('refuses a matrix of another size', () => {
    expect(() => symmetricEigenvalues(new Float64Array(5), 2)).toThrow(RangeError);
  });
});
