/** Counts and latency of dense networks, cached: the same few hundred are needed again at every change of a limit. */
import { solutionDetails } from '../../domain/equalize.ts';
import type { SolutionDetails } from '../../domain/equalize.ts';
import type { LatencySettings } from '../../domain/latency.ts';
import type { NetworkSpec } from '../../domain/network.ts';

const MAX_CACHED = 2000;
const known = new Map<string, SolutionDetails>();

/** Details of `spec` with base channels and multipliers in place of its widths. */
export function detailsOf(
  spec: Omit<NetworkSpec, 'widths'>,
  base: number,
  multipliers: readonly number[],
  latency: LatencySettings,
): SolutionDetails {
  const own: NetworkSpec = { ...spec, widths: [base] };
  const key = JSON.stringify([own, multipliers, latency]);
  const found = known.get(key);
  if (found) return found;
  if (known.size >= MAX_CACHED) known.clear();
  const details = solutionDetails(own, multipliers, latency);
  known.set(key, details);
  return details;
}
