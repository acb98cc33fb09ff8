/**
 * What each gate site computes, neuron by neuron: whose comparison it needs and where it multiplies.
 *
 *   compared       neurons of the site whose DReLU is computed here, for itself or for those that borrow it
 *   multiplexed    neurons with p = z · d; `bit` is the place of d among the compared neurons of `owner`
 *   squared        neurons with p = z²
 *   affine         neurons whose output is a·p + b·z + c with the server's own a, b, c per channel; elsewhere the output is p
 *
 * and p = z at all other neurons. The counts are those of domain/counting.ts.
 */
import { sitesOf } from '../domain/network.ts';
import type { Site, SiteId } from '../domain/network.ts';
import { UnsupportedNetwork } from './errors.ts';
import { keptBits } from './publicNetwork.ts';
import type { PublicNetwork, PublicSite } from './publicNetwork.ts';

export interface GatePlan {
  site: SiteId;
  compared: Int32Array;
  owner: SiteId;
  multiplexed: Int32Array;
  bit: Int32Array;
  squared: Int32Array;
  affine: Int32Array;
}

type Share = Extract<PublicSite, { kind: 'share' }>;

/** One site with its mask bits unpacked and what others ask of it. */
interface Known {
  site: Site;
  gate: PublicSite;
  /** Mask: per neuron. Share: per neuron of the prototypes, where it has a mask. */
  kept: Uint8Array | null;
  /** 1: this neuron's DReLU is computed. */
  computed: Uint8Array;
}

const positionsOf = (site: Site) => site.shape[1] * site.shape[2];

function unpack(site: Site, gate: PublicSite): Known {
  const size = positionsOf(site);
  const neurons = site.shape[0] * size;
  const kept =
    gate.kind === 'mask'
      ? keptBits(gate.kept, neurons, site.id)
      : gate.kind === 'share' && gate.kept !== null
        ? keptBits(gate.kept, gate.prototypes.length * size, site.id)
        : null;
  return { site, gate, kept, computed: new Uint8Array(neurons) };
}

/** The gate map comes from the other party: a source, prototype or owner that does not exist must not be followed. */
function checkShare(known: Known, gate: Share, owner: Known | undefined, earlier: boolean): asserts owner is Known {
  const { site } = known;
  const fail = (why: string): never => {
    throw new UnsupportedNetwork(`${site.id}: ${why}`);
  };
  if (!owner || !earlier) return fail(`it borrows from ${gate.from}, which is no earlier gate site.`);
  if (positionsOf(owner.site) !== positionsOf(site)) fail(`it and ${owner.site.id} differ in height or width.`);
  if (gate.source.length !== site.shape[0])
    fail(`it has ${site.shape[0]} channels, but ${gate.source.length} sources.`);
  if (gate.source.some((c) => c >= owner.site.shape[0]) || gate.prototypes.some((c) => c >= site.shape[0]))
    fail('a source or prototype is past the last channel.');
}

/** The gate of one neuron that consults channel `channel` of `owner`: computed there, or constant 1 where that prototype is masked. */
function consults(owner: Known, channel: number, position: number): boolean {
  if (owner.gate.kind !== 'share' || !owner.kept) return true;
  const prototype = owner.gate.prototypes.indexOf(channel);
  return prototype < 0 || owner.kept[prototype * positionsOf(owner.site) + position] === 1;
}

/** Calls `visit(neuron, the owner's neuron)` for every neuron that multiplies by a DReLU. */
function eachMultiplexed(known: Known, owner: Known, visit: (neuron: number, consulted: number) => void): void {
  const { gate, site } = known;
  const size = positionsOf(site);
  for (let c = 0; c < site.shape[0]; c++)
    for (let position = 0; position < size; position++) {
      const neuron = c * size + position;
      if (gate.kind === 'relu' || (gate.kind === 'mask' && known.kept![neuron])) visit(neuron, neuron);
      else if (gate.kind === 'share' && gate.source[c] >= 0 && consults(owner, gate.source[c], position))
        visit(neuron, gate.source[c] * size + position);
    }
}

function planOf(known: Known, owner: Known): GatePlan {
  const { gate, site } = known;
  const size = positionsOf(site);
  const place = new Int32Array(owner.computed.length);
  let computed = 0;
  for (let i = 0; i < place.length; i++) place[i] = owner.computed[i] ? computed++ : -1;
  const multiplexed: number[] = [];
  const bit: number[] = [];
  eachMultiplexed(known, owner, (neuron, consulted) => {
    multiplexed.push(neuron);
    bit.push(place[consulted]);
  });
  const where = (test: (neuron: number, channel: number) => boolean) =>
    Int32Array.from({ length: site.shape[0] * size }, (_, i) => i).filter((i) => test(i, Math.floor(i / size)));
  const own = new Set(gate.kind === 'share' ? gate.prototypes : []);
  const quadratic = (i: number) =>
    gate.kind === 'polynomial' || (gate.kind === 'mask' && gate.otherwise === 'quadratic' && !known.kept![i]);
  return {
    site: site.id,
    compared: where((i) => known.computed[i] === 1),
    owner: owner.site.id,
    multiplexed: Int32Array.from(multiplexed),
    bit: Int32Array.from(bit),
    squared: where(quadratic),
    affine: where((i, c) => quadratic(i) || (gate.kind === 'share' && gate.affine === 'trained' && !own.has(c))),
  };
}

/** @throws UnsupportedNetwork naming the site whose gate cannot be. */
export function gatePlans({ network, sites: gates }: PublicNetwork): Map<SiteId, GatePlan> {
  const sites = sitesOf(network);
  if (sites.length !== gates.length)
    throw new UnsupportedNetwork(`The network has ${sites.length} gate sites, but ${gates.length} gates are given.`);
  const all = sites.map((site, i) => unpack(site, gates[i]));
  const ownerOf = (known: Known): Known => {
    const { gate } = known;
    if (gate.kind !== 'share') return known;
    const owner = gate.from === null ? known : all.find((other) => other.site.id === gate.from);
    checkShare(known, gate, owner, gate.from === null || all.indexOf(owner!) < all.indexOf(known));
    return owner;
  };
  const owners = all.map(ownerOf);
  all.forEach((known, i) =>
    eachMultiplexed(known, owners[i], (_, consulted) => {
      owners[i].computed[consulted] = 1;
    }),
  );
  return new Map(all.map((known, i) => [known.site.id, planOf(known, owners[i])]));
}
