/**
 * Values of untrusted files, fit to stand in an error message: short, on one line, without control characters. Neither function
 * ever throws, however deep or long the value is.
 */

/** Control characters, line separators, directional overrides, zero-width characters and unpaired surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** `text` with each run of unprintable characters as "?", cut to at most `limit` characters (in the middle, so that both ends show). */
export function printable(text: string, limit = 120): string {
  // Cut first: replacing in a text of megabytes would take longer than reading the file.
  const near = text.length > 4 * limit ? `${text.slice(0, 2 * limit)}…${text.slice(-2 * limit)}` : text;
  const clean = near.replace(UNPRINTABLE, '?');
  if (clean.length <= limit) return clean;
  const head = Math.ceil((limit - 1) / 2);
  const cut = `${clean.slice(0, head)}…${clean.slice(clean.length - (limit - 1 - head))}`;
  // The cut may have parted a surrogate pair.
  return cut.replace(UNPRINTABLE, '?');
}

/** A JSON value in words: text quoted, numbers as they are, containers by kind alone. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${printable(value, 60)}"`;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value);
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : 'an object';
}
