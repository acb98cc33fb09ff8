/**
 * The coefficient buffer of one network: where each norm and each sharing site has its rows (kernels/siteTables.ts), the constant
 * tables of the gate map in it, and which sites share their DReLUs with later ones.
 */
import { gateOf, type Gate, type GateMap } from '../../domain/gateMap.ts';
import { layersOf, type NetworkSpec, type SiteId, type SiteLayer } from '../../domain/network.ts';
import type { SiteVariant } from '../kernels/siteGate.ts';
import { NORM_ROW_COUNT, SITE_ROW_COUNT, SITE_ROWS } from '../kernels/siteTables.ts';
import { pad4 } from './parameters.ts';

export interface SitePlan {
  layer: SiteLayer;
  gate: Gate;
  variant: SiteVariant;
  c4: number;
  positions: number;
  /** Vector offsets of the norms' rows; 0 where there is none. */
  norm: number;
  residualNorm: number;
  /** Vector offset of the site's rows and float offset of its members; null where it does not share. */
  site: number | null;
  members: number;
  /** The site whose DReLUs are shared (itself for own sharing). */
  owner: SiteId | null;
  owner4: number;
}

export interface CoefficientPlan {
  vectors: number;
  norms: Map<string, number>;
  sites: Map<SiteId, SitePlan>;
  /** Tables to write once: [vector offset, values]. */
  constants: [number, Float32Array<ArrayBuffer>][];
}

/** @throws RangeError naming the site whose gate does not fit the network. */
export function planCoefficients(network: NetworkSpec, gates: GateMap): CoefficientPlan {
  const layers = layersOf(network).filter((layer) => layer.kind === 'site');
  const byId = new Map(layers.map((layer) => [layer.id, layer]));
  const gateFor = (layer: SiteLayer): Gate => (layer.gated ? gateOf(gates, layer.id) : { kind: 'identity' });
  const shared = new Set(
    layers.flatMap((layer) => {
      const gate = gateFor(layer);
      return gate.kind === 'share' && gate.from !== null ? [gate.from] : [];
    }),
  );

  let end = 0;
  const take = (vectors: number) => {
    const at = end;
    end += vectors;
    return at;
  };
  const norms = new Map<string, number>();
  const sites = new Map<SiteId, SitePlan>();
  const constants: [number, Float32Array<ArrayBuffer>][] = [];

  layers.forEach((layer, index) => {
    const c4 = pad4(layer.shape.channels) / 4;
    const norm = take(NORM_ROW_COUNT * c4);
    norms.set(layer.norm, norm);
    let residualNorm = 0;
    if (layer.residual?.norm) {
      residualNorm = take(NORM_ROW_COUNT * c4);
      norms.set(layer.residual.norm, residualNorm);
    }
    const gate = gateFor(layer);
    const variant: SiteVariant = {
      gate: gate.kind === 'share' ? (gate.from === null ? 'share' : 'borrow') : gate.kind,
      residual: layer.residual ? (layer.residual.norm ? 'norm' : 'plain') : 'none',
      exported: shared.has(layer.id),
      masked: gate.kind === 'share' && gate.from === null && gate.masked && gate.prototypes.length > 0,
      channelMask: gate.kind === 'mask' && gate.granularity === 'channel',
    };
    const plan: SitePlan = {
      layer,
      gate,
      variant,
      c4,
      positions: layer.shape.height * layer.shape.width,
      norm,
      residualNorm,
      site: null,
      members: 0,
      owner: null,
      owner4: c4,
    };
    if (gate.kind === 'share') {
      const owner = gate.from === null ? layer : byId.get(gate.from);
      const ownerIndex = gate.from === null ? index : layers.findIndex((other) => other.id === gate.from);
      if (!owner?.gated || ownerIndex > index)
        throw new RangeError(`${layer.id} borrows from ${gate.from}, which is not an earlier gate site.`);
      if (owner.shape.height !== layer.shape.height || owner.shape.width !== layer.shape.width)
        throw new RangeError(`${layer.id} borrows from ${gate.from}, whose height and width differ.`);
      if (gate.source.length !== layer.shape.channels)
        throw new RangeError(`${layer.id}: ${gate.source.length} sources for ${layer.shape.channels} channels.`);
      const bad = gate.source.find((c) => !Number.isInteger(c) || c < 0 || c >= owner.shape.channels);
      if (bad !== undefined) throw new RangeError(`${layer.id}: source ${bad} is not a channel of ${owner.id}.`);
      plan.owner = owner.id;
      plan.owner4 = pad4(owner.shape.channels) / 4;
      plan.site = take(SITE_ROW_COUNT * c4);
      const rows = new Float32Array(SITE_ROW_COUNT * 4 * c4);
      const row = (k: number) => rows.subarray(k * 4 * c4, (k + 1) * 4 * c4);
      const own = new Set(gate.prototypes);
      row(SITE_ROWS.a).fill(1);
      gate.source.forEach((source, c) => {
        row(SITE_ROWS.free)[c] = gate.affine === 'trained' && !own.has(c) ? 1 : 0;
        row(SITE_ROWS.masked)[c] = variant.masked && own.has(c) ? 1 : 0;
        row(SITE_ROWS.source)[c] = source;
      });
      constants.push([plan.site, rows]);

      // Members of every owner channel, as starts and a list.
      const channels = 4 * plan.owner4;
      const lists: number[][] = Array.from({ length: channels }, () => []);
      gate.source.forEach((source, c) => lists[source].push(c));
      const table = new Float32Array(Math.ceil((channels + 1 + gate.source.length) / 4) * 4);
      let at = 0;
      lists.forEach((list, k) => {
        table[k] = at;
        for (const c of list) table[channels + 1 + at++] = c;
      });
      table[channels] = at;
      const members = take(table.length / 4);
      plan.members = 4 * members;
      constants.push([members, table]);
    }
    sites.set(layer.id, plan);
  });
  return { vectors: end, norms, sites, constants };
}
