/**
 * Passes a value on with a delay, so that several charts with the same rows are redrawn one after the other. Each redraw is then a
 * task of its own, and none blocks the page for long.
 */
import { useEffect, useState } from 'react';

/** Milliseconds between two charts: more than a frame. */
const INTERVAL = 20;

/** @returns the value, delayed by `place` × 20 ms. */
export function useStaggered<T>(value: T, place: number): T {
  const [shown, setShown] = useState(() => value);
  useEffect(() => {
    const timer = setTimeout(() => setShown(() => value), place * INTERVAL);
    return () => clearTimeout(timer);
  }, [value, place]);
  return shown;
}
