/**
 * Undoes one edit in a value that has been edited since: every part that the edit changed gets its old value back, and every other
 * part keeps its present one.
 *
 * Objects are merged key by key, and arrays of equal length entry by entry. A part that was changed by the edit and again later
 * also gets the value from before the edit, because that edit is what the user asked to undo.
 */
type Fields = Record<string, unknown>;

const equal = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Marks a key that is absent, which differs from a key whose value is null. */
const ABSENT = Symbol('absent');

const fieldOf = (value: Fields, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : ABSENT);

function revertPart(before: unknown, after: unknown, now: unknown): unknown {
  if (equal(before, after)) return now;
  if (equal(now, after)) return before;
  if (isObject(before) && isObject(after) && isObject(now)) {
    const merged: Fields = {};
    for (const key of new Set([...Object.keys(now), ...Object.keys(before)])) {
      const value = revertPart(fieldOf(before, key), fieldOf(after, key), fieldOf(now, key));
      if (value !== ABSENT) merged[key] = value;
    }
    return merged;
  }
  if (Array.isArray(before) && Array.isArray(after) && Array.isArray(now)) {
    const { length } = before;
    if (after.length === length && now.length === length)
      return before.map((value, i) => revertPart(value, after[i], now[i]));
  }
  return before;
}

/** @returns `now` without the edit that turned `before` into `after`. */
export const revert = <T>(before: T, after: T, now: T): T => revertPart(before, after, now) as T;
