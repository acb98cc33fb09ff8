/**
 * DeepShare's gates (Bornfeld & Avidan 2025): a few prototype channels of a site compute their own DReLU, every other channel
 * uses that of one of them, position by position; a site may also borrow all its gates from an earlier site of the same H×W.
 *
 *   prototypes of a site   max(1, round(ratio · C)), or its override
 *   assignment             channel c shares with prototype c mod P, unless an assignment selected on recorded gates is given
 *   cross-layer            block: the later gate of a block borrows from its first; stage: every later site of a stage borrows
 *                          from the stage's first of that size; custom: as listed. A linear site neither shares nor lends.
 */
import { GateMapError } from './errors.ts';
import { gateOf } from './gateMap.ts';
import type { GateMap, ShareGate, SiteIdMap } from './gateMap.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec, Site, SiteId } from './network.ts';

/** Which channels are prototypes and whose DReLU each channel uses; channels of the owner where the site borrows. */
export interface Assignment {
  prototypes: number[];
  /** C entries. */
  source: number[];
}

/** The part of DeepShare's settings that decides its gates (methods/deepshare.ts). */
export interface SharingSettings {
  /** Prototypes per stage as a ratio of the channels, the stem's first. */
  ratios: number[];
  /** Prototype counts of single sites, over the stage's ratio. */
  overrides: SiteIdMap<number>;
  crossLayer: 'off' | 'block' | 'stage' | 'custom';
  /** crossLayer custom: borrower → owner. */
  borrow: Record<SiteId, SiteId>;
  /** Replicates have a trained affine. */
  affine: boolean;
}

/** Channel c shares with prototypes[c mod P]. */
export const cyclic = (channels: number, prototypes: number[]): number[] =>
  Array.from({ length: channels }, (_, c) => prototypes[c % prototypes.length]);

const firstChannels = (count: number) => Array.from({ length: count }, (_, c) => c);

const sameSize = (a: Site, b: Site) => a.shape[1] === b.shape[1] && a.shape[2] === b.shape[2];

const sizeOf = (site: Site) => `${site.shape[1]}×${site.shape[2]}`;

/** Sites that still compute gates: those that `base` has not made linear. */
const gatedSites = (spec: NetworkSpec, base: GateMap) =>
  sitesOf(spec).filter((site) => gateOf(base, site.id).kind !== 'identity');

function checkNames(spec: NetworkSpec, method: SharingSettings) {
  const known = new Set(sitesOf(spec).map((site) => site.id));
  const named = [...Object.keys(method.overrides), ...Object.keys(method.borrow), ...Object.values(method.borrow)];
  for (const id of named) if (!known.has(id)) throw new GateMapError(id, 'this network has no such gate site.');
}

/**
 * Sites that borrow all their gates, borrower → owner.
 * @throws GateMapError naming the borrower where its owner comes later, differs in H×W, is linear or borrows itself.
 */
export function borrowersOf(spec: NetworkSpec, method: SharingSettings, base: GateMap = {}): Map<SiteId, SiteId> {
  checkNames(spec, method);
  const sites = gatedSites(spec, base);
  const owners = new Map<SiteId, SiteId>();
  if (method.crossLayer === 'off') return owners;
  if (method.crossLayer === 'custom') return customBorrowers(spec, method.borrow, base);
  const block = (site: Site) => site.id.replace(/\.gate\d$/, '');
  for (const [i, site] of sites.entries()) {
    const owner = sites
      .slice(0, i)
      .find(
        (earlier) =>
          earlier.stage === site.stage &&
          sameSize(earlier, site) &&
          !owners.has(earlier.id) &&
          (method.crossLayer === 'stage' || block(earlier) === block(site)),
      );
    if (owner) owners.set(site.id, owner.id);
  }
  return owners;
}

function customBorrowers(spec: NetworkSpec, borrow: Record<SiteId, SiteId>, base: GateMap): Map<SiteId, SiteId> {
  const sites = sitesOf(spec);
  const at = new Map(sites.map((site, i) => [site.id, i]));
  const owners = new Map<SiteId, SiteId>();
  for (const site of sites) {
    const from = borrow[site.id];
    if (from === undefined || gateOf(base, site.id).kind === 'identity') continue;
    const owner = sites[at.get(from)!];
    if (at.get(from)! >= at.get(site.id)!)
      throw new GateMapError(site.id, `it cannot borrow from ${from}, which does not come before it.`);
    if (!sameSize(owner, site))
      throw new GateMapError(
        site.id,
        `it is ${sizeOf(site)} and cannot borrow from ${from}, which is ${sizeOf(owner)}.`,
      );
    if (gateOf(base, from).kind === 'identity')
      throw new GateMapError(site.id, `it cannot borrow from ${from}, which is linear.`);
    const further = owners.get(from);
    if (further !== undefined)
      throw new GateMapError(site.id, `it borrows from ${from}, which itself borrows: let it borrow from ${further}.`);
    owners.set(site.id, from);
  }
  return owners;
}

/**
 * Own prototypes of every site that keeps gates; 0 where it borrows.
 * @throws GateMapError naming the site whose override exceeds its channels; RangeError where a stage has no ratio.
 */
export function prototypeCountsOf(spec: NetworkSpec, method: SharingSettings, base: GateMap = {}): SiteIdMap<number> {
  const stages = spec.blocks.length + 1;
  if (method.ratios.length !== stages)
    throw new RangeError(
      `Sharing needs ${stages} ratios, the stem's first and then one per stage, not ${method.ratios.length}.`,
    );
  const owners = borrowersOf(spec, method, base);
  const counts: SiteIdMap<number> = {};
  for (const site of gatedSites(spec, base)) {
    const [channels] = site.shape;
    const override: number | undefined = method.overrides[site.id];
    if (override !== undefined && override > channels)
      throw new GateMapError(site.id, `${override} prototypes asked for, but it has ${channels} channels.`);
    const own = override ?? Math.max(1, Math.round(method.ratios[site.stage] * channels));
    counts[site.id] = owners.has(site.id) ? 0 : own;
  }
  return counts;
}

/**
 * The gate map of DeepShare on top of `base` (whose linear sites stay linear).
 * `chosen` replaces the first-P prototypes and cyclic assignment of a site, e.g. by farthest-point selection.
 */
export function sharingGates(
  spec: NetworkSpec,
  method: SharingSettings,
  base: GateMap = {},
  chosen: SiteIdMap<Assignment> = {},
): GateMap {
  const counts = prototypeCountsOf(spec, method, base);
  const owners = borrowersOf(spec, method, base);
  const gates: GateMap = { ...base };
  const affine = method.affine ? 'trained' : 'fixed';
  for (const site of gatedSites(spec, base)) {
    const [channels] = site.shape;
    const from = owners.get(site.id) ?? null;
    const choice: Assignment | undefined = chosen[site.id];
    const prototypes = from === null ? (choice?.prototypes ?? firstChannels(counts[site.id])) : [];
    const lent = from === null ? prototypes : (gates[from] as ShareGate).prototypes;
    const source = choice?.source ?? cyclic(channels, lent);
    checkAssignment(site, prototypes, lent, source);
    gates[site.id] = { kind: 'share', from, prototypes, source, masked: false, affine };
  }
  return gates;
}

function checkAssignment(site: Site, prototypes: number[], lent: number[], source: number[]) {
  const [channels] = site.shape;
  if (source.length !== channels) throw new GateMapError(site.id, `${source.length} sources for ${channels} channels.`);
  const allowed = new Set(lent);
  const stray = source.findIndex((channel) => !allowed.has(channel));
  if (stray >= 0)
    throw new GateMapError(
      site.id,
      `channel ${stray} uses the DReLU of channel ${source[stray]}, which is no prototype.`,
    );
  const turned = prototypes.find((channel) => source[channel] !== channel);
  if (turned !== undefined) throw new GateMapError(site.id, `prototype ${turned} must use its own DReLU.`);
}
