/**
 * One tab stop for a group of buttons: Tab reaches one of them, the arrow keys, Home and End move between them in document order.
 * The group's element has the attribute `data-roving`; the button that Tab reaches has tabIndex 0, the others −1.
 */
const STEPS: Record<string, number> = {
  ArrowRight: 1,
  ArrowDown: 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
};

/** Charts of recharts cannot mark their groups: there, the points of one scatter series form a group. */
const GROUP = '[data-roving], .recharts-scatter';

/** Index that a key leads to from `at` among `count` items; null where the key does not move the focus. */
export function rovingTarget(key: string, at: number, count: number): number | null {
  const step = STEPS[key];
  if (step === undefined || at < 0 || count === 0) return null;
  return Math.max(0, Math.min(count - 1, at + step));
}

/** Moves the focus from `element` as `key` says. @returns the element that has the focus now, or null where nothing moved */
export function moveFocus(key: string, element: Element): (Element & HTMLOrSVGElement) | null {
  const group = element.closest(GROUP);
  const items = [...(group?.querySelectorAll<HTMLElement | SVGElement>('button, [role="button"]') ?? [])];
  const to = rovingTarget(key, items.indexOf(element as HTMLElement | SVGElement), items.length);
  if (to === null) return null;
  items[to].focus();
  return items[to];
}
