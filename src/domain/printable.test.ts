/** What untrusted files may put into a message. */
import { expect, test } from 'vitest';
import { printable, shown } from './printable.ts';

test('control characters, overrides and unpaired surrogates become question marks', () => {
  expect(printable('a\u0000\n\tb\u202ec\ud800d')).toBe('a?b?c?d');
  expect(printable('größe 漢字 😀')).toBe('größe 漢字 😀');
});

test('a long text keeps both its ends, and no half of a surrogate pair', () => {
  const cut = printable(`begin${'😀'.repeat(100_000)}end`, 40);
  expect(cut.length).toBeLessThanOrEqual(41);
  expect(cut).toMatch(/^begin.*…?.*end$/su);
  expect(cut).not.toMatch(/\p{Cs}/u);
  expect(printable('x'.repeat(120))).toHaveLength(120);
  expect(printable('x'.repeat(121))).toHaveLength(120);
});

test('values are shown in a few characters whatever they are', () => {
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(shown(deep)).toBe('a list');
  expect(shown({ toString: 1, toJSON: 2 })).toBe('an object');
  expect(shown('x'.repeat(1000))).toHaveLength(62);
  expect([shown(null), shown(1.5), shown(true), shown(undefined)]).toEqual(['null', '1.5', 'true', 'nothing']);
});
