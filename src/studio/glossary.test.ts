/** The glossary as a whole: every term once, every definition a sentence. */
import { expect, test } from 'vitest';
import { GLOSSARY } from './glossary.ts';

const entries = Object.values(GLOSSARY);

test('every term is defined once', () => {
  const terms = entries.map(({ term }) => term.toLowerCase());
  expect(new Set(terms).size).toBe(terms.length);
});

test.each(entries)('$term: the definition is a sentence that fits into a tooltip', ({ definition }) => {
  expect(definition).toMatch(/^\S.*[.]$/s);
  expect(definition.length).toBeLessThan(260);
});
