/**
 * Eigenvalues of a real symmetric matrix: Householder reflections to tridiagonal form, then QL steps with implicit Wilkinson
 * shifts (Golub & Van Loan, Matrix Computations, §8.3). O(n³), values only.
 */

/** Diagonal and subdiagonal (subdiagonal[i] couples i and i + 1) of an orthogonally similar tridiagonal matrix. */
function tridiagonal(matrix: Float64Array, n: number): { diagonal: Float64Array; subdiagonal: Float64Array } {
  const a = Float64Array.from(matrix);
  const diagonal = new Float64Array(n);
  const subdiagonal = new Float64Array(n);
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = a[k * n + k];
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = Math.hypot(norm, a[i * n + k]);
    const head = a[(k + 1) * n + k];
    const alpha = head > 0 ? -norm : norm;
    subdiagonal[k] = norm === 0 ? 0 : alpha;
    if (norm === 0 || k === n - 2) {
      if (k === n - 2) subdiagonal[k] = head;
      continue;
    }
    // Reflector H = 1 − β·v·vᵀ takes column k below the diagonal to (alpha, 0, …, 0).
    let square = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k] - (i === k + 1 ? alpha : 0);
      square += v[i] * v[i];
    }
    const beta = 2 / square;
    let dot = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j] * v[j];
      p[i] = beta * sum;
      dot += p[i] * v[i];
    }
    const half = (beta / 2) * dot;
    for (let i = k + 1; i < n; i++) p[i] -= half * v[i];
    for (let i = k + 1; i < n; i++) {
      const vi = v[i];
      const pi = p[i];
      for (let j = k + 1; j < n; j++) a[i * n + j] -= vi * p[j] + pi * v[j];
    }
  }
  diagonal[n - 1] = a[n * n - 1];
  return { diagonal, subdiagonal };
}

/** All eigenvalues, largest first. @throws RangeError where the matrix is not n × n; Error where the iteration does not settle. */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  if (matrix.length !== n * n) throw new RangeError(`${matrix.length} numbers are no ${n}×${n} matrix.`);
  if (n === 0) return new Float64Array(0);
  const { diagonal: d, subdiagonal: e } = tridiagonal(matrix, n);
  for (let low = 0; low < n; low++) {
    for (let sweep = 0; ; sweep++) {
      let high = low;
      while (high < n - 1 && Math.abs(e[high]) > Number.EPSILON * (Math.abs(d[high]) + Math.abs(d[high + 1]))) high++;
      if (high === low) break;
      if (sweep === 60)
        throw new Error('The eigenvalues did not settle: the matrix holds numbers that are not finite.');
      let g = (d[low + 1] - d[low]) / (2 * e[low]);
      let r = Math.hypot(g, 1);
      g = d[high] - d[low] + e[low] / (g + (g >= 0 ? r : -r));
      let sine = 1;
      let cosine = 1;
      let shift = 0;
      let split = false;
      for (let i = high - 1; i >= low; i--) {
        const f = sine * e[i];
        const b = cosine * e[i];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] -= shift;
          e[high] = 0;
          split = true;
          break;
        }
        sine = f / r;
        cosine = g / r;
        g = d[i + 1] - shift;
        r = (d[i] - g) * sine + 2 * cosine * b;
        shift = sine * r;
        d[i + 1] = g + shift;
        g = cosine * r - b;
      }
      if (split) continue;
      d[low] -= shift;
      e[low] = g;
      e[high] = 0;
    }
  }
  return d.sort().reverse();
}
