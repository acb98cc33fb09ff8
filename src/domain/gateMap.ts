/**
 * The gate map: for every gate site, whose DReLU each neuron uses and with which affine.
 *
 *   out = z · (scale · G + shift),   G = the DReLU used, d = 1[z' > 0], or α·d + (1 − α) where it is masked
 *
 * | kind     | uses the DReLU of                              | learned            |
 * |----------|------------------------------------------------|--------------------|
 * | relu     | itself, affine (1, 0)                          |                    |
 * | identity | nobody                                         |                    |
 * | mask     | itself, through its own α per neuron (SNL)     | alpha (C,H,W) or (C,1,1) |
 * | share    | channel source[c] of `from` (null: this site), | scale (C), shift (C); alpha (P,H,W) if masked |
 *
 * A channel that is used gives its own DReLU: chains do not pass on (a borrower of a borrower gets the latter's own step).
 * Only a masked share site shows its masked prototypes to others; the α of a mask site is its own affair.
 */
import type { SiteId } from './network.ts';

export type Granularity = 'pixel' | 'channel';

export interface ReluGate {
  kind: 'relu';
}
export interface IdentityGate {
  kind: 'identity';
}
export interface MaskGate {
  kind: 'mask';
  /** One α per neuron, or one per channel. */
  granularity: Granularity;
}
export interface ShareGate {
  kind: 'share';
  /** The site whose DReLUs are used; null for this very site. It lies earlier and has the same H×W. */
  from: SiteId | null;
  /** This site's own prototype channels; empty where it borrows. Their affine is (1, 0). */
  prototypes: number[];
  /** C entries: channel c uses the DReLU of channel source[c] of the owner. */
  source: number[];
  /** True: SNL masks α over the prototypes' DReLUs, (P, H, W) in the order of `prototypes`. */
  masked: boolean;
  /** Replicates' scale and shift: trained, or fixed at (1, 0) (ReLU-reuse). */
  affine: 'trained' | 'fixed';
}
export type Gate = ReluGate | IdentityGate | MaskGate | ShareGate;

/** One gate for each gate site; a site that is not named is a plain ReLU. */
export type GateMap = Record<SiteId, Gate>;

export const RELU: ReluGate = { kind: 'relu' };
export const gateOf = (gates: GateMap, site: SiteId): Gate => gates[site] ?? RELU;
export type SiteIdMap<T> = Record<SiteId, T>;
