/**
 * Damaged files, at random but the same every time: whatever is cut, flipped, put in or left out, each file ends in its report
 * (read, or refused with one sentence), never in another error. RELU_FUZZ sets the number of rounds for a longer hunt.
 */
import { expect, test } from 'vitest';
import { importSources } from './importer.ts';
import type { KeptShard } from './importer.ts';
import { Random } from './random.ts';
import { cifar10, cifar100, concat, gzip, joinBytes, pickledBatch, sourceOf, tar } from './testing.ts';

const ROUNDS = Number(process.env.RELU_FUZZ ?? 150);

const pixels = new Uint8Array(4 * 3072).map((_, i) => (i * 37) & 255);
const pickle = pickledBatch(pixels, [1, 2, 3, 4], 'training batch 1 of 5');
const archive = tar([
  { name: 'c/batches.meta.txt', data: joinBytes('a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n') },
  { name: 'c/data_batch_1', data: pickle },
  { name: 'c/test_batch.bin', data: cifar10(3) },
]);

/** One to four changes of the kinds that broken downloads and hostile files have. */
function damage(bytes: Uint8Array, random: Random): Uint8Array {
  let out: Uint8Array = bytes.slice();
  const changes = 1 + random.below(4);
  for (let k = 0; k < changes && out.length > 0; k++) {
    // Half of the changes hit the first bytes, where the structure is.
    const at = random.below(random.below(2) === 0 ? Math.min(out.length, 400) : out.length);
    switch (random.below(6)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        out[at] ^= 1 << random.below(8);
        break;
      case 2:
        out[at] = random.uint32();
        break;
      case 3:
        out = concat([out.subarray(0, at), out.subarray(at + 1 + random.below(600))]);
        break;
      case 4:
        out = concat([
          out.subarray(0, at),
          Uint8Array.from({ length: random.below(40) }, () => random.uint32()),
          out.subarray(at),
        ]);
        break;
      default:
        out.fill(random.below(2) * 255, at, at + random.below(9));
    }
  }
  return out;
}

const seeds: [what: string, name: string, make: () => Uint8Array | Promise<Uint8Array>][] = [
  ['CIFAR-10 shards', 'train.bin', () => cifar10(6)],
  ['CIFAR-100 shards', 'train.bin', () => cifar100(6)],
  ['pickles', 'train', () => pickle],
  ['tar archives', 'a.tar', () => archive],
  ['gzip archives', 'a.tar.gz', () => gzip(archive)],
  ['gzip of damaged tar', 'b.tar.gz', () => archive],
];

test.each(seeds)('%s', { timeout: 120_000 + ROUNDS * 100 }, async (what, name, make) => {
  const whole = await make();
  const random = new Random(2026, whole.length);
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let bytes = damage(whole, random);
    if (what === 'gzip of damaged tar') bytes = await gzip(bytes);
    const kept: KeptShard[] = [];
    const reports = await importSources([sourceOf(name, bytes, false, 1 + random.below(20_000))], {
      keep: (shard) => Promise.resolve(void kept.push(shard)),
    });
    for (const shard of kept) {
      expect(shard.images.length).toBe(shard.count * 3072);
      expect(shard.labels.length).toBe(shard.count);
      expect(Math.max(...shard.labels)).toBeLessThan(shard.dataset === 'cifar-10' ? 10 : 100);
    }
    for (const { file, outcome } of reports) {
      if (outcome.ok) continue;
      refused++;
      expect(outcome.message.startsWith(`${file}: `)).toBe(true);
      expect(outcome.message).not.toMatch(/undefined|NaN|\[object/);
      expect(outcome.message.length).toBeLessThan(file.length + 500);
    }
  }
  // The damage was real.
  expect(refused).toBeGreaterThan(ROUNDS / 10);
});
