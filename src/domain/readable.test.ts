/** Schema errors as one sentence with the field's path. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readableIssue } from './readable.ts';

const schema = z.strictObject({
  name: z.string().min(1),
  widths: z.array(z.int().min(1)).min(1).max(3),
  share: z.number().gt(0).max(1),
  when: z.iso.datetime(),
  method: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('a'), rate: z.number().positive() }),
    z.strictObject({ kind: z.literal('b'), mode: z.enum(['x', 'y']) }),
  ]),
  either: z.union([z.int(), z.strictObject({ deep: z.strictObject({ at: z.int() }) })]),
});
const good = {
  name: 'n',
  widths: [1],
  share: 1,
  when: '2026-11-21T08:00:00Z',
  method: { kind: 'a', rate: 1 },
  either: 1,
};

const complaintOf = (value: unknown, root?: string): string => {
  const parsed = schema.safeParse(value);
  return parsed.success ? 'accepted' : readableIssue(parsed.error, root);
};

describe('a schema’s complaint', () => {
  it.each([
    [{ name: undefined }, 'name is missing.'],
    [{ name: 3 }, 'name must be text.'],
    [{ name: '' }, 'name must have at least 1 characters.'],
    [{ widths: [1, 0] }, 'widths[1] must be at least 1.'],
    [{ widths: [1, 1.5] }, 'widths[1] must be a whole number.'],
    [{ widths: [] }, 'widths must have at least 1 entries.'],
    [{ widths: [1, 1, 1, 1] }, 'widths must have at most 3 entries.'],
    [{ share: 0 }, 'share must be more than 0.'],
    [{ share: 2 }, 'share must be at most 1.'],
    [{ when: 'yesterday' }, 'when must be a time such as 2026-11-21T08:00:00Z.'],
    [{ method: { kind: 'c' } }, 'method.kind must be one of "a", "b".'],
    [{ method: { kind: 'b', mode: 'z' } }, 'method.mode must be one of "x", "y".'],
    [{ method: { kind: 'a', rate: 1, more: 1 } }, 'method has a field that is not known: more.'],
    [{ either: { deep: { at: 'x' } } }, 'either.deep.at must be a number.'],
  ])('%j reads: %s', (wrong, sentence) => {
    expect(complaintOf({ ...good, ...wrong })).toBe(sentence);
  });

  it('is none where nothing is wrong', () => {
    expect(complaintOf(good)).toBe('accepted');
  });

  it('names the whole where there is no path', () => {
    expect(complaintOf(3, 'experiment.json')).toBe('experiment.json must be an object.');
  });
});
