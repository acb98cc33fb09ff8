/**
 * Changing the network of the experiment so that what the methods say of its stages and sites still holds: a method never asks
 * for a stage or site that is gone, nor for more prototypes than a site has channels.
 */
import type { Experiment } from '../../domain/experiment.ts';
import { sitesOf } from '../../domain/network.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { editExperiment } from '../stores/experiment.ts';

/** Brings the methods' settings in line with the network; whatever still fits stays as it was. */
export function fitMethods(draft: Pick<Experiment, 'network' | 'methods'>): void {
  const stages = draft.network.blocks.length;
  const channels = new Map(sitesOf(draft.network).map((site) => [site.id, site.shape[0]]));
  for (const method of draft.methods) {
    if (method.name === 'deepreduce') {
      method.cull = method.cull.filter((stage) => stage <= stages);
      method.thin = method.thin.filter((stage) => stage <= stages);
    }
    if (method.name === 'deepshare') {
      // One ratio for the stem and one a stage; a new stage shares as the last one does.
      const last = method.ratios.at(-1) ?? 1;
      method.ratios = Array.from({ length: stages + 1 }, (_, stage) => method.ratios[stage] ?? last);
      method.overrides = Object.fromEntries(
        Object.entries(method.overrides)
          .filter(([site]) => channels.has(site))
          .map(([site, count]) => [site, Math.min(count, channels.get(site)!)]),
      );
      method.borrow = Object.fromEntries(
        Object.entries(method.borrow).filter(([borrower, owner]) => channels.has(borrower) && channels.has(owner)),
      );
    }
  }
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
