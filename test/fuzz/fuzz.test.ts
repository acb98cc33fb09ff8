/**
 * A short fuzz run over every reader of files; `npm run fuzz` is the long one. A finding names the round, so that it can be repeated.
 */
import { expect, test } from 'vitest';
import { hunt } from './hunt.ts';
import { TARGETS } from './targets.ts';

const ROUNDS = Number(process.env.RELU_FUZZ ?? 150);

test.each(TARGETS.map((target) => [target.name, target] as const))(
  'every damaged %s file is read or refused with one short sentence',
  { timeout: 60_000 + ROUNDS * 100 },
  async (_, target) => {
    const { findings, refused } = await hunt(target, ROUNDS, 2026);
    expect(findings).toEqual([]);
    // The damage was real.
    expect(refused).toBeGreaterThan(ROUNDS / 20);
  },
);
