/** Marker shapes of published methods: that of our own method of the same name, else one of those left, by rank. */
import type { MarkShape } from '../parts/MethodMark.tsx';

const NAMED: Record<string, MarkShape> = { SNL: 'circle', 'SNL (reruns)': 'circle', DeepReDuce: 'triangle' };
const LEFT: MarkShape[] = ['triangle-down', 'cross', 'diamond', 'plus', 'square', 'star'];

/** Methods in the order given; the same order gives the same shapes. */
export function publishedShapes(methods: readonly string[]): Map<string, MarkShape> {
  let next = 0;
  return new Map(methods.map((method) => [method, NAMED[method] ?? LEFT[next++ % LEFT.length]]));
}
