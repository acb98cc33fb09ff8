/** Marker shapes of published methods: the shape of our own method of the same title, else one of the others in turn. */
import { METHOD_STYLES } from '../parts/MethodMark.tsx';
import type { MarkShape } from '../parts/MethodMark.tsx';

/** "SNL (reruns)" is drawn as SNL. */
const named = (method: string): MarkShape | undefined =>
  Object.values(METHOD_STYLES).find(({ title }) => title === method.replace(/ \(.*\)$/, ''))?.shape;
const OTHERS: MarkShape[] = ['triangle-down', 'cross', 'diamond', 'plus', 'square', 'star'];

/** Methods in the order given; the same order gives the same shapes. */
export function publishedShapes(methods: readonly string[]): Map<string, MarkShape> {
  let next = 0;
  return new Map(methods.map((method) => [method, named(method) ?? OTHERS[next++ % OTHERS.length]]));
}
