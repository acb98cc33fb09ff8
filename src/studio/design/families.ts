/**
 * Candidate networks for the plot of FLOPs over ReLUs: the families that DeepReShape compares (its Figures 3 and 4), in the
 * user's own blocks, input size and classes.
 *
 *   BaseCh     α = β = γ = 2, m varied
 *   StageCh    α = β = γ varied, m fixed
 *   HybReNet   each minimal solution of the equalizer, m varied
 */
import type { SolutionDetails } from '../../domain/equalize.ts';
import type { LatencySettings } from '../../domain/latency.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { multipliersName } from './multipliers.ts';
import { detailsOf } from './networkDetails.ts';

export type FamilyKind = 'BaseCh' | 'StageCh' | 'HybReNet';

export interface Candidate extends SolutionDetails {
  kind: FamilyKind;
  /** "HRN 5-5-3, m = 16". */
  title: string;
}

export interface FamilyCurve {
  kind: FamilyKind;
  /** Label of the curve. */
  title: string;
  /** In the order of their ReLUs. */
  points: Candidate[];
}

export const BASES = [8, 16, 24, 32, 48, 64, 96, 128];
export const FACTORS = [2, 3, 4, 5, 6, 8];
const HYBRENET_BASES = [4, 8, 16, 32];
/** Most curves of HybReNets; further solutions are only in the table. */
const MAX_CURVES = 4;
/** Larger networks are left out, because they would stretch the axes. */
const MAX_MACS = 3e10;

function candidate(
  spec: NetworkSpec,
  kind: FamilyKind,
  base: number,
  multipliers: number[],
  latency: LatencySettings,
): Candidate {
  const name = {
    BaseCh: 'BaseCh',
    StageCh: `StageCh ${multipliers[0]}`,
    HybReNet: `HRN ${multipliersName(multipliers)}`,
  }[kind];
  return { ...detailsOf(spec, base, multipliers, latency), kind, title: `${name}, m = ${base}` };
}

export function familyCurves(
  spec: NetworkSpec,
  base: number,
  solutions: readonly number[][],
  latency: LatencySettings,
): FamilyCurve[] {
  const count = spec.blocks.length - 1;
  const equal = (factor: number) => Array.from({ length: count }, () => factor);
  const curve = (kind: FamilyKind, title: string, points: Candidate[]): FamilyCurve => ({
    kind,
    title,
    points: points.filter((point) => point.macs <= MAX_MACS).sort((a, b) => a.drelus - b.drelus),
  });
  const hybrenetBases = [...new Set([...HYBRENET_BASES, base])].sort((a, b) => a - b);
  return [
    curve(
      'BaseCh',
      'BaseCh',
      BASES.map((m) => candidate(spec, 'BaseCh', m, equal(2), latency)),
    ),
    curve(
      'StageCh',
      `StageCh, m = ${base}`,
      FACTORS.map((factor) => candidate(spec, 'StageCh', base, equal(factor), latency)),
    ),
    ...solutions.slice(0, MAX_CURVES).map((multipliers) =>
      curve(
        'HybReNet',
        multipliersName(multipliers),
        hybrenetBases.map((m) => candidate(spec, 'HybReNet', m, multipliers, latency)),
      ),
    ),
  ].filter((family) => family.points.length > 0);
}
