/** The gate map drawing and the drawn transition. */
import { expect, test } from 'vitest';
import type { Site } from '../../domain/network.ts';
import { describeGate, lanesOf } from './GateMapDrawing.tsx';
import { gateAt } from './TransitionFields.tsx';

test('arrows from one layer share a lane, overlapping arrows from two layers do not', () => {
  expect(lanesOf([null, 0, 0, null, 3, 3])).toEqual([0, 0, 0, 0, 0, 0]);
  const lanes = lanesOf([null, null, 0, 1]);
  expect(lanes[2]).not.toBe(lanes[3]);
});

test('gates are described in words', () => {
  const site: Site = { id: 'layer1.0.gate2', stage: 1, shape: [4, 8, 8] };
  const share = { kind: 'share' as const, source: [0, 0, 0, 0], affine: 'trained' as const };
  expect(describeGate({ ...share, from: null, prototypes: [0], masked: true }, site)).toBe(
    '1 prototype with masks, 3 replicates',
  );
  expect(describeGate({ ...share, from: 'layer1.0.gate1', prototypes: [], masked: false }, site)).toBe(
    '4 channels share the DReLUs of Stage 1, block 1, gate 1',
  );
});

test('every transition starts with GELU’s gate; slope and mix end at or near the step', () => {
  const kinds = [{ kind: 'gelu' as const, from: 1, to: 10 }, { kind: 'mix' as const }, { kind: 'abrupt' as const }];
  for (const kind of kinds) expect(gateAt(kind, 0, 0.5)).toBeCloseTo(0.6915, 4); // Φ(0.5), tabulated
  expect(gateAt(kinds[0], 1, 0.5)).toBeGreaterThan(0.9999);
  expect([gateAt(kinds[1], 1, 0.5), gateAt(kinds[1], 1, -0.5)]).toEqual([1, 0]);
  expect(gateAt(kinds[2], 1, 0.5)).toBeCloseTo(0.6915, 4);
});
