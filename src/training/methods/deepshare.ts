/**
 * DeepShare (Bornfeld & Avidan 2025): prototypes, replicates with an affine on the gate, and the GELU-to-ReLU protocol: while
 * the gate is Φ(s·z), gradients of replicates reach their prototypes; then it becomes the step for good.
 *
 *   soft   d = (1 − mix)·Φ(slope·z) + mix·1[z > 0], the transition's schedule over all steps of the phase; the last state goes on
 *   hard   d = 1[z > 0]; begins with a switch whose accuracies are measured on both sides
 *
 * A soft phase of 0 epochs starts hard at once.
 */
import { applyMethod } from '../../domain/composition.ts';
import { farthestPrototypes, nearestPrototypes } from '../../domain/farthest.ts';
import { patternsOf } from '../../domain/gatePatterns.ts';
import type { DeepShareMethod } from '../../domain/methods/deepshare.ts';
import { borrowersOf, prototypeCountsOf, type Assignment } from '../../domain/sharing.ts';
import type { SiteIdMap } from '../../domain/gateMap.ts';
import { sitesOf, type NetworkSpec, type Site, type SiteId } from '../../domain/network.ts';
import { PlanError } from '../errors.ts';
import { softnessAt } from '../schedules.ts';
import {
  carryOn,
  PLAIN_NUMBERS,
  type BeginContext,
  type PhaseStart,
  type PlannedPhase,
  type Position,
} from './rule.ts';

/** Gate patterns for the farthest choice are recorded on so many images at least … */
const PATTERN_IMAGES = 32;
/** … and on so many samples (images × positions) for each channel, so that the patterns of a small site's many channels differ. */
const SAMPLES_PER_CHANNEL = 8;

/** Images per site. Sites of one H×W have the same, because replicates are compared with prototypes of other such sites. */
export function patternImages(network: NetworkSpec, sites: readonly SiteId[]): Map<SiteId, number> {
  const bySize = new Map<string, number>();
  const chosen = sitesOf(network).filter(({ id }) => sites.includes(id));
  const sizeOf = ({ shape: [, height, width] }: Site) => `${height}×${width}`;
  for (const site of chosen) {
    const [channels, height, width] = site.shape;
    const needed = Math.ceil((SAMPLES_PER_CHANNEL * channels) / (height * width));
    bySize.set(sizeOf(site), Math.max(PATTERN_IMAGES, needed, bySize.get(sizeOf(site)) ?? 0));
  }
  return new Map(chosen.map((site) => [site.id, bySize.get(sizeOf(site))!]));
}

async function chosenPrototypes(method: DeepShareMethod, context: BeginContext): Promise<SiteIdMap<Assignment>> {
  if (method.choice === 'first') return {};
  if (!context.trained)
    throw new PlanError(
      'Farthest prototypes are chosen on a trained network: give the dense phase epochs, start from a finished run, or choose the first channels.',
    );
  const { network } = context.experiment;
  const counts = prototypeCountsOf(network, method, context.gates);
  const recorded = await context.patterns(patternImages(network, Object.keys(counts)));
  const patterns = new Map(
    [...recorded].map(([site, { shape, data }]) => [site, patternsOf(data, shape as [number, number, number, number])]),
  );
  const owners = borrowersOf(network, method, context.gates);
  const chosen: SiteIdMap<Assignment> = {};
  for (const [site, own] of patterns) if (!owners.has(site)) chosen[site] = farthestPrototypes(own, counts[site]);
  for (const [site, owner] of owners)
    chosen[site] = {
      prototypes: [],
      source: nearestPrototypes(patterns.get(site)!, patterns.get(owner)!, chosen[owner].prototypes),
    };
  return chosen;
}

async function share(method: DeepShareMethod, context: BeginContext): Promise<PhaseStart> {
  const chosen = await chosenPrototypes(method, context);
  const gates = applyMethod(context.experiment.network, context.gates, method, chosen);
  return { gates, weights: context.weights, memory: {} };
}

/** t from 0 at the phase's first step to 1 at its last. */
const progressOf = ({ epoch, stepInEpoch, epochs, stepsPerEpoch }: Position): number =>
  Math.min(1, (epoch * stepsPerEpoch + stepInEpoch) / Math.max(1, epochs * stepsPerEpoch - 1));

export function deepsharePhases(method: DeepShareMethod): PlannedPhase[] {
  const { soft, hard, transition, distillation } = method;
  const softAt = (position: Position) => softnessAt(transition, progressOf(position));
  const phases: PlannedPhase[] = [];
  if (soft.epochs > 0)
    phases.push({
      info: {
        id: 'deepshare-soft',
        method: 'deepshare',
        kind: 'soft',
        title: 'DeepShare, soft gate',
        epochs: soft.epochs,
      },
      phase: soft,
      distillation,
      rule: {
        begin: (context) => share(method, context),
        numbers: (_, position) => ({ ...PLAIN_NUMBERS, soft: softAt(position) }),
        selects: false,
        softness: (position) => (transition.kind === 'mix' ? softAt(position).mix : softAt(position).slope),
      },
    });
  phases.push({
    info: {
      id: 'deepshare-hard',
      method: 'deepshare',
      kind: 'hard',
      title: 'DeepShare, hard gate',
      epochs: hard.epochs,
    },
    phase: hard,
    distillation,
    rule: {
      begin: (context) =>
        soft.epochs === 0
          ? share(method, context)
          : {
              ...carryOn(context),
              switch: {
                what: 'switched to hard gates',
                before: { weights: context.weights, soft: softnessAt(transition, 1) },
              },
            },
      numbers: () => PLAIN_NUMBERS,
      selects: true,
    },
  });
  return phases;
}
