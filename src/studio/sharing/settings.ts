/** Reading and editing DeepShare's settings: prototype counts, and which layers may share which DReLUs. */
import type { DeepShareMethod } from '../../domain/methods/deepshare.ts';
import { sitesOf } from '../../domain/network.ts';
import type { NetworkSpec, Site, SiteId } from '../../domain/network.ts';

/** Stages with ReLU layers; 0 is the stem. */
export const gatedStages = (spec: NetworkSpec): number[] => [...new Set(sitesOf(spec).map(({ stage }) => stage))];

/** Number of prototype channels for a ratio (domain/sharing). */
export const prototypesOf = (ratio: number, channels: number): number =>
  Math.min(channels, Math.max(1, Math.round(ratio * channels)));

export const widthOf = (spec: NetworkSpec, stage: number): number => spec.widths[Math.max(0, stage - 1)];

/** A ratio as people say it: 1/8 where it is one, else percent. */
export function ratioText(ratio: number): string {
  const inverse = 1 / ratio;
  return Math.abs(inverse - Math.round(inverse)) < 1e-6 && inverse < 1000
    ? `1/${Math.round(inverse)}`
    : `${Number((ratio * 100).toFixed(1))}%`;
}

/** Earlier layers with the same H×W, whose DReLUs a layer may share. A layer that shares itself is not among them. */
export function lendersOf(spec: NetworkSpec, site: SiteId, borrow: Record<SiteId, SiteId>): Site[] {
  const sites = sitesOf(spec);
  const at = sites.findIndex(({ id }) => id === site);
  const [, height, width] = sites[at].shape;
  return sites.slice(0, at).filter(({ id, shape }) => shape[1] === height && shape[2] === width && !(id in borrow));
}

/** Makes `site` share the DReLUs of `from`, or none (null). Layers that shared those of `site` then share those of `from` too. */
export function setLender(draft: DeepShareMethod, site: SiteId, from: SiteId | null): void {
  if (from === null) delete draft.borrow[site];
  else {
    draft.borrow[site] = from;
    for (const [borrower, owner] of Object.entries(draft.borrow)) if (owner === site) draft.borrow[borrower] = from;
  }
}
