/** Words for the methods of an experiment: "SNL · budget 50K · pixel". */
import { descriptorOf, inOrder, type Method, type MethodName } from './methods/registry.ts';

export const methodTitle = (name: MethodName): string => descriptorOf(name).title;

/** "SNL · budget 50K · pixel", "DeepShare · 1/4 prototypes · one owner per stage". */
export function describeMethod(method: Method): string {
  const { title, describe } = descriptorOf(method.name);
  return [title, ...describe(method)].join(' · ');
}

/** All methods of an experiment: "Dense, plain ReLUs", or each in the order in which they apply. */
export const describeMethods = ({ methods }: { methods: readonly Method[] }): string =>
  methods.length === 0 ? 'Dense, plain ReLUs' : inOrder(methods).map(describeMethod).join(', then ');
