/** The point under the pointer: the nearest one within reach. */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import type { Hovered } from './Tips.tsx';

/** Largest distance from the pointer to a point, in pixels. */
const REACH = 28;
/** Own points are drawn on top: they win over published ones that are up to this much nearer, in pixels. */
const OWN_BONUS = 4;

export function nearestOf(
  points: readonly Hovered[],
  px: number,
  py: number,
  at: (point: Hovered['point']) => readonly [number, number],
): Hovered | null {
  let best: Hovered | null = null;
  let reach = REACH;
  for (const candidate of points) {
    const [cx, cy] = at(candidate.point);
    const distance = Math.hypot(cx - px, cy - py) - (candidate.kind === 'published' ? 0 : OWN_BONUS);
    if (distance < reach) [best, reach] = [candidate, distance];
  }
  return best;
}

/** Reports the point under the pointer. Choosing a point is left to the points, which are buttons. */
export function usePointing(
  frame: RefObject<HTMLElement | null>,
  find: (px: number, py: number) => Hovered | null,
  report: (found: Hovered | null) => void,
): void {
  const latest = useRef({ find, report });
  useEffect(() => {
    latest.current = { find, report };
  });
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const move = (event: PointerEvent) => {
      const box = element.getBoundingClientRect();
      latest.current.report(latest.current.find(event.clientX - box.left, event.clientY - box.top));
    };
    const leave = () => latest.current.report(null);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerleave', leave);
    return () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerleave', leave);
    };
  }, [frame]);
}
