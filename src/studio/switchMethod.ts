/** Switching a method of the experiment on or off. */
import type { Experiment } from '../domain/experiment.ts';
import { descriptorOf, exclude, inOrder, type MethodName } from '../domain/methods/registry.ts';

/** With its defaults, in its place in the order; a method that it excludes goes. */
export function switchOn(draft: Experiment, name: MethodName): void {
  const quick = draft.dataset.name === 'synthetic';
  const fresh = structuredClone(descriptorOf(name).defaults({ quick, network: draft.network }));
  draft.methods = inOrder([...draft.methods.filter((method) => !exclude(method.name, name)), fresh]);
}

export function switchOff(draft: Experiment, name: MethodName): void {
  draft.methods = draft.methods.filter((method) => method.name !== name);
}
