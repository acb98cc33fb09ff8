/** The networks that private inference compiles, in float64 and in fixed point, against PyTorch's evaluation of the same weights. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadFixture } from '../src/cli/fixtureFolder.ts';
import { connectLocally } from '../src/inference/local.ts';
import { runFixed, runFloat } from '../src/inference/plain.ts';
import { compile } from '../src/inference/program.ts';
import { publicNetworkOf } from '../src/inference/publicNetwork.ts';
import { weightsOf } from '../src/inference/serverWeights.ts';

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

test.each(['relu', 'relu-odd-widths', 'share-hard'])(
  'gives the logits of PyTorch on fixture %s',
  { timeout: 180_000 },
  async (name) => {
    const fixture = await loadFixture(join(import.meta.dirname, 'fixtures', name));
    const tensors = new Map(
      [...fixture.tensors].flatMap(([key, tensor]) =>
        key.startsWith('after/') ? [[key.slice(6), tensor] as const] : [],
      ),
    );
    const trained = Object.fromEntries(
      Object.keys(fixture.gates).map((site) => [
        site,
        { scale: tensors.get(`${site}.scale`)?.data, shift: tensors.get(`${site}.shift`)?.data },
      ]),
    );
    const { images, mean, std, shape } = fixture.images;
    const area = shape[1] * shape[2];
    const count = Math.min(fixture.batch, 3);
    const pixels = Float64Array.from(images.subarray(0, count * 3 * area), (byte, i) => {
      const c = Math.floor(i / area) % 3;
      return (byte / 255 - mean[c]) / std[c];
    });
    const network = publicNetworkOf(fixture.network, fixture.gates, trained, { mean: [...mean], std: [...std] });
    const program = compile(network);
    const weights = weightsOf(program, tensors, trained);
    const expected = fixture.tensors.get('logits_eval')!.data.subarray(0, count * program.classes);
    expect(farthest(runFloat(program, weights, pixels).logits, expected)).toBeLessThan(1e-4);
    // A shared gate jumps where its prototype crosses zero, so that rounding may change single neurons of other channels at will.
    if (name === 'share-hard') return;
    const largest = farthest(expected, new Float32Array(expected.length));
    const fixed = runFixed(program, weights, pixels);
    expect(farthest(fixed, expected) / largest).toBeLessThan(0.002);
    const { client } = await connectLocally({ network, weights });
    const { logits } = await client.classify(pixels.subarray(0, 3 * area));
    expect(farthest(logits, fixed.subarray(0, logits.length)) / largest).toBeLessThan(0.001);
  },
);
