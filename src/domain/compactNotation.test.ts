/** The compact notation of addresses: what is written reads back, and what is damaged is refused by position. */
import { describe, expect, it } from 'vitest';
import { ABSENT, fromCompact, toCompact } from './compactNotation.ts';
import type { Compact } from './compactNotation.ts';
import { seeded } from './testing.ts';

describe('compact notation', () => {
  const values: Compact[] = [
    null,
    true,
    false,
    0,
    -1.5,
    1e-5,
    3e-4,
    1e21,
    'word',
    'layer1.0.gate1',
    '',
    "it's! 100 % (née) & #1?",
    '12',
    '-',
    'true',
    '日本',
    [],
    {},
    [1, [2, 'x'], { a: null }],
    { 'a b': 1, c: { d: [true] } },
    { gone: ABSENT },
  ];
  it.each(values.map((value) => [toCompact(value), value] as const))('%s comes back', (text, value) => {
    expect(fromCompact(text)).toEqual(value);
    expect(text).toMatch(/^[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*$/);
  });

  it('random values come back', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = seeded(seed);
      const draw = (depth: number): Compact => {
        const kind = random.below(depth > 3 ? 4 : 6);
        if (kind === 0) return random.pick([null, true, false]);
        if (kind === 1) return (random.next() - 0.5) * 10 ** random.below(20);
        if (kind === 2) return random.below(1000) / 1000;
        if (kind === 3)
          return String.fromCharCode(...Array.from({ length: random.below(6) }, () => 32 + random.below(95)));
        if (kind === 4) return Array.from({ length: random.below(4) }, () => draw(depth + 1));
        return Object.fromEntries(Array.from({ length: random.below(4) }, (_, i) => [`k ${i}'!`, draw(depth + 1)]));
      };
      const value = draw(0);
      expect(fromCompact(toCompact(value)), `seed ${seed}`).toEqual(value);
    }
  });

  it.each(['', '(', '(a)', '(a:1', "'x", '!q', '!(1,', '1.2.3', 'a)', "'%zz'", '(__proto__:1)', '('.repeat(50)])(
    '%j is refused',
    (text) => {
      expect(() => fromCompact(text)).toThrow(SyntaxError);
    },
  );
});
