/** Which point the pointer means: the nearest within reach. */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import type { Hovered } from './Tips.tsx';

/** Pixels from the pointer to the nearest point at which it is told. */
const REACH = 28;
/** Own points lie on top: they win where they are about as near. */
const AHEAD = 4;

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
    const distance = Math.hypot(cx - px, cy - py) - (candidate.kind === 'published' ? 0 : AHEAD);
    if (distance < reach) [best, reach] = [candidate, distance];
  }
  return best;
}

/** Tells what lies under the pointer. Pointing only tells; choosing is for the points, which are buttons. */
export function usePointing(
  frame: RefObject<HTMLElement | null>,
  find: (px: number, py: number) => Hovered | null,
  tell: (found: Hovered | null) => void,
): void {
  const latest = useRef({ find, tell });
  useEffect(() => {
    latest.current = { find, tell };
  });
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const move = (event: PointerEvent) => {
      const box = element.getBoundingClientRect();
      latest.current.tell(latest.current.find(event.clientX - box.left, event.clientY - box.top));
    };
    const leave = () => latest.current.tell(null);
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerleave', leave);
    return () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerleave', leave);
    };
  }, [frame]);
}
