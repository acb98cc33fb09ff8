/**
 * Hands a value on in its turn: several charts fed by the same rows then draw one after the other, each in a task of its own,
 * and none of them keeps the page from answering.
 */
import { useEffect, useState } from 'react';

/** Milliseconds between two turns: a frame lies between. */
const APART = 20;

/** `value`, `turn` × 20 ms after it came. */
export function useTurn<T>(value: T, turn: number): T {
  const [shown, setShown] = useState(() => value);
  useEffect(() => {
    const timer = setTimeout(() => setShown(() => value), turn * APART);
    return () => clearTimeout(timer);
  }, [value, turn]);
  return shown;
}
