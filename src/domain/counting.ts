/**
 * Counting what private inference pays for: distinct DReLUs and multiplications, from a network, its gate map and, where they
 * are known, mask bits and scales.
 *
 *   DReLUs            distinct (site, channel, y, x) that some neuron uses with a scale ≠ 0
 *   multiplications   neurons whose gate z ↦ scale · G + shift is not the same for every input
 *
 * | kind     | DReLUs it causes                                         | multiplications                      |
 * |----------|----------------------------------------------------------|--------------------------------------|
 * | relu     | every own neuron                                         | every neuron                         |
 * | identity | none                                                     | none                                 |
 * | mask     | own neurons kept                                         | neurons kept                         |
 * | share    | channels of the owner that it uses, at the owner         | each neuron that uses a computed one |
 *
 * A masked prototype is computed only where it is kept; elsewhere it shows 1 to everybody. Any other channel that a borrower
 * uses (of a relu, mask or identity site, or no prototype of its site) gives its raw step, computed at every position
 * (design: algorithms §1; reference.py, Gate.consulted).
 */
import { gateOf } from './gateMap.ts';
import type { Gate, GateMap, SiteIdMap } from './gateMap.ts';
import { layerCostsOf } from './layerCost.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec, Site, SiteId } from './network.ts';

/** What is known of a site's trained gate. Absent: every mask is kept, every replicate's scale is not zero. */
export interface KnownGate {
  /** 1 = kept. Mask: C·H·W entries, or C for one per channel. Masked share: P·H·W in the order of `prototypes`. */
  kept?: ArrayLike<number>;
  /** Share: C entries; those of prototypes are not looked at (1 by definition). */
  scale?: ArrayLike<number>;
}
export type KnownGates = SiteIdMap<KnownGate>;

export interface SiteCount {
  id: SiteId;
  stage: number;
  shape: [number, number, number];
  kind: Gate['kind'];
  neurons: number;
  drelus: number;
  multiplications: number;
}

export interface StageCount {
  /** 0 is the stem. */
  stage: number;
  neurons: number;
  drelus: number;
  multiplications: number;
  macs: number;
  parameters: number;
}

export interface Counts {
  /** In forward order. */
  sites: SiteCount[];
  /** Stem, 1, 2, …; the final site and the classifier are counted into the last stage. */
  stages: StageCount[];
  total: Omit<StageCount, 'stage'>;
}

/** C·H·W. */
export const ownNeuronsOf = (site: Site): number => site.shape[0] * site.shape[1] * site.shape[2];

/** Number of α of a gate: its mask entries, 0 where it has none. */
export function maskEntriesOf(site: Site, gate: Gate): number {
  const [channels, height, width] = site.shape;
  if (gate.kind === 'mask') return gate.granularity === 'channel' ? channels : channels * height * width;
  return gate.kind === 'share' && gate.masked ? gate.prototypes.length * height * width : 0;
}

/** Kept positions of one channel (mask) or one prototype (masked share; `channel` is then its index in `prototypes`). */
function keptIn(channel: number, size: number, channels: number, known: KnownGate | undefined, site: SiteId): number {
  const kept = known?.kept;
  if (!kept) return size;
  if (kept.length === channels) return kept[channel] ? size : 0;
  if (kept.length !== channels * size)
    throw new RangeError(`${site}: ${kept.length} mask bits, but the gate has ${channels * size}.`);
  let count = 0;
  for (let i = channel * size; i < (channel + 1) * size; i++) if (kept[i]) count++;
  return count;
}

/** Which channels of a site are used: their raw steps, or as masked prototypes through their mask. */
interface UsedChannels {
  raw: Uint8Array;
  masked: Uint8Array;
}

/**
 * DReLUs, multiplications, MACs and parameters per site, per stage and in total, for one image.
 * @throws RangeError naming the site where a gate uses a channel that does not exist or bits have the wrong length.
 */
export function countsOf(spec: NetworkSpec, gates: GateMap = {}, known: KnownGates = {}): Counts {
  const sites = sitesOf(spec);
  const byId = new Map(sites.map((site) => [site.id, site]));
  const used = new Map<SiteId, UsedChannels>(
    sites.map(({ id, shape }) => [id, { raw: new Uint8Array(shape[0]), masked: new Uint8Array(shape[0]) }]),
  );

  const multiplicationsOf = (site: Site): number => {
    const gate = gateOf(gates, site.id);
    const [channels, height, width] = site.shape;
    const size = height * width;
    if (gate.kind === 'identity') return 0;
    if (gate.kind === 'relu') {
      used.get(site.id)!.raw.fill(1);
      return channels * size;
    }
    if (gate.kind === 'mask') {
      let kept = 0;
      for (let c = 0; c < channels; c++) kept += keptIn(c, size, channels, known[site.id], site.id);
      return kept;
    }
    const owner = byId.get(gate.from ?? site.id);
    if (!owner) throw new RangeError(`${site.id} borrows from ${gate.from}, which is no gate site of this network.`);
    const ownerGate = gateOf(gates, owner.id);
    const seen = used.get(owner.id)!;
    const prototypeIndex = new Map(
      ownerGate.kind === 'share' && ownerGate.masked ? ownerGate.prototypes.map((channel, i) => [channel, i]) : [],
    );
    const own = new Set(gate.prototypes);
    const scale = gate.affine === 'trained' ? known[site.id]?.scale : undefined;
    let multiplications = 0;
    for (let c = 0; c < channels; c++) {
      const channel = gate.source[c];
      if (!(channel >= 0 && channel < owner.shape[0]))
        throw new RangeError(
          `${site.id}: channel ${c} uses the DReLU of channel ${channel} of ${owner.id}, which has ${owner.shape[0]}.`,
        );
      if (scale && !own.has(c) && scale[c] === 0) continue;
      const index = prototypeIndex.get(channel);
      if (index === undefined) {
        seen.raw[channel] = 1;
        multiplications += size;
      } else {
        seen.masked[channel] = 1;
        multiplications += keptIn(index, size, prototypeIndex.size, known[owner.id], owner.id);
      }
    }
    return multiplications;
  };

  const drelusOf = (site: Site): number => {
    const gate = gateOf(gates, site.id);
    const [channels, height, width] = site.shape;
    const size = height * width;
    const { raw, masked } = used.get(site.id)!;
    const indexOf = new Map(gate.kind === 'share' ? gate.prototypes.map((channel, i) => [channel, i]) : []);
    let drelus = 0;
    for (let c = 0; c < channels; c++) {
      if (raw[c]) drelus += size;
      else if (gate.kind === 'mask') drelus += keptIn(c, size, channels, known[site.id], site.id);
      else if (masked[c]) drelus += keptIn(indexOf.get(c)!, size, indexOf.size, known[site.id], site.id);
    }
    return drelus;
  };

  // Multiplications first, for every site: they record which channels are used.
  const multiplications = sites.map(multiplicationsOf);
  const counted = sites.map((site, i): SiteCount => ({
    ...site,
    kind: gateOf(gates, site.id).kind,
    neurons: ownNeuronsOf(site),
    drelus: drelusOf(site),
    multiplications: multiplications[i],
  }));
  return { sites: counted, ...summed(spec, counted) };
}

function summed(spec: NetworkSpec, sites: SiteCount[]): Pick<Counts, 'stages' | 'total'> {
  const stages: StageCount[] = [0, ...spec.blocks].map((_, stage) => ({
    stage,
    neurons: 0,
    drelus: 0,
    multiplications: 0,
    macs: 0,
    parameters: 0,
  }));
  for (const site of sites) {
    const stage = stages[site.stage];
    stage.neurons += site.neurons;
    stage.drelus += site.drelus;
    stage.multiplications += site.multiplications;
  }
  for (const layer of layerCostsOf(spec)) {
    stages[layer.stage].macs += layer.macs;
    stages[layer.stage].parameters += layer.parameters;
  }
  const add = (key: Exclude<keyof StageCount, 'stage'>) => stages.reduce((total, stage) => total + stage[key], 0);
  return {
    stages,
    total: {
      neurons: add('neurons'),
      drelus: add('drelus'),
      multiplications: add('multiplications'),
      macs: add('macs'),
      parameters: add('parameters'),
    },
  };
}

/**
 * DReLUs in total from the number of kept α per site (what the engine reads back during a mask stage), without their bits.
 * Exact unless a borrower uses a raw channel of a mask site, where bits would be needed: it then counts the channel whole
 * beside all kept masks (an upper bound). Sites without an entry count as fully kept.
 */
export function drelusFromMaskCounts(spec: NetworkSpec, gates: GateMap, counts: SiteIdMap<number>): number {
  const none: KnownGates = {};
  for (const site of sitesOf(spec)) {
    const entries = maskEntriesOf(site, gateOf(gates, site.id));
    if (entries > 0 && counts[site.id] !== undefined) none[site.id] = { kept: new Uint8Array(entries) };
  }
  const fixed = countsOf(spec, gates, none);
  return fixed.sites.reduce((total, site) => {
    const kept = counts[site.id] ?? 0;
    const gate = gateOf(gates, site.id);
    const each = gate.kind === 'mask' && gate.granularity === 'channel' ? site.shape[1] * site.shape[2] : 1;
    return total + Math.min(site.drelus + (none[site.id] ? kept * each : 0), site.neurons);
  }, 0);
}
