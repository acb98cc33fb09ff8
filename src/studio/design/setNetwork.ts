/**
 * Changing the network of the experiment so that what the methods say of its stages and sites still holds: a method never asks
 * for a stage or site that is gone, nor for more prototypes than a site has channels.
 */
import type { Experiment } from '../../domain/experiment.ts';
import { descriptorOf } from '../../domain/methods/registry.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { editExperiment } from '../stores/experiment.ts';

/** Brings the methods' settings in line with the network; whatever still fits stays as it was. */
export function fitMethods({ network, methods }: Pick<Experiment, 'network' | 'methods'>): void {
  for (const method of methods) descriptorOf(method.name).fit?.(method, network);
}

/** Applies `change` to the experiment's network. `field` joins a slider's many moves into one undo step. */
export function setNetwork(change: Partial<NetworkSpec>, field?: string): void {
  editExperiment(
    (draft) => {
      Object.assign(draft.network, change);
      fitMethods(draft);
    },
    field && `network.${field}`,
  );
}
