/**
 * Damaged masks files and weights, at random but the same every time: each is read or refused with one sentence of the reader's own,
 * never ends in another error. RELU_FUZZ sets the number of rounds for a longer hunt.
 */
import { beforeAll, expect, it } from 'vitest';
import { MasksFileError } from '../domain/masksFile.ts';
import { seeded } from '../domain/testing.ts';
import { WeightsError } from '../engine/weights.ts';
import { exportMasks } from './exportMasks.ts';
import { importMasks } from './importMasks.ts';
import { rehearse, tinyExperiment, tinyShare, tinySnl } from './testing.ts';

const ROUNDS = Number(process.env.RELU_FUZZ ?? 300);

let masks = '';
let weights = new Uint8Array();

beforeAll(async () => {
  const outcome = await rehearse(tinyExperiment([{ ...tinyShare, crossLayer: 'block' }, tinySnl])).outcome;
  if (outcome.status !== 'done') throw new Error(outcome.status);
  ({ masks, weights } = await exportMasks(outcome.finished, '2026-11-21T08:00:00Z'));
});

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const STRANGE: Json[] = [
  null,
  true,
  -1,
  0.5,
  1e300,
  3,
  '',
  '__proto__',
  'layer1.0.gate1',
  [],
  {},
  [1, 2],
  { kind: 'relu' },
];

/** One value somewhere in the tree is replaced, left out or doubled. */
function spoil(value: Json, pick: (n: number) => number): Json {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0 || pick(6) === 0)
    return structuredClone(STRANGE[pick(STRANGE.length)]);
  if (Array.isArray(value)) {
    const at = pick(value.length);
    if (pick(8) === 0) return value.toSpliced(at, 1);
    if (pick(8) === 0) return value.toSpliced(at, 0, value[at]);
    return value.with(at, spoil(value[at], pick));
  }
  const keys = Object.keys(value);
  const key = keys[pick(keys.length)];
  const { [key]: old, ...rest } = value;
  return pick(8) === 0 ? rest : { ...value, [key]: spoil(old, pick) };
}

async function outcomeOf(text: string, bytes: Uint8Array<ArrayBuffer>): Promise<'read' | 'refused'> {
  try {
    await importMasks(text, bytes);
    return 'read';
  } catch (error) {
    if (!(error instanceof MasksFileError) && !(error instanceof WeightsError)) throw error;
    expect(error.message).toMatch(/^[^\n]{15,400}$/);
    return 'refused';
  }
}

it('masks.json with a wrong value anywhere', async () => {
  const { below: pick } = seeded(1);
  const found = { read: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round++)
    found[await outcomeOf(JSON.stringify(spoil(JSON.parse(masks) as Json, pick)), weights)]++;
  expect(found.refused).toBeGreaterThan(ROUNDS / 2);
});

it('weights with wrong bytes anywhere, most of them in the header', async () => {
  const { below: pick } = seeded(2);
  const found = { read: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = weights.slice();
    for (let k = pick(3); k >= 0; k--) bytes[pick(k === 0 ? bytes.length : 2500)] = pick(256);
    found[await outcomeOf(masks, pick(4) === 0 ? bytes.slice(0, pick(bytes.length)) : bytes)]++;
  }
  expect(found.refused).toBeGreaterThan(ROUNDS / 3);
});
