/**
 * DeepReDuce's coarse-grained pruning (Jha et al., ICML 2021): culling removes all ReLUs of a stage, thinning every other ReLU
 * layer of a stage that is kept. Both make gate sites linear.
 *
 * A thinned stage alternates over its sites in forward order: keeping the first leaves gate 1 of each block (and a final gate),
 * keeping the second leaves gate 2.
 */
import { z } from 'zod';
import { count, natural } from '../fields.ts';
import type { GateMap } from '../gateMap.ts';
import { sitesOf } from '../network.ts';
import type { NetworkSpec } from '../network.ts';
import { DISTILLATION, distillationSchema, phaseSchema, quickPhase, SNL_DENSE } from '../phase.ts';
import { defineMethod, type SettingIssue } from './descriptor.ts';

const schema = z.strictObject({
  name: z.literal('deepreduce'),
  /** Stages (1-based; 0 is the stem) that lose all ReLUs. */
  cull: z.array(count),
  /** Stages kept that lose every other ReLU layer. */
  thin: z.array(natural),
  /** Which gate of each pair stays in a thinned stage. */
  thinKeeps: z.enum(['first', 'second']),
  train: phaseSchema,
  distillation: distillationSchema.nullable(),
});

export type DeepReduceMethod = z.infer<typeof schema>;
type CoarseSettings = Pick<DeepReduceMethod, 'cull' | 'thin' | 'thinKeeps'>;

/**
 * The gate map after culling and thinning.
 * @throws RangeError where a stage does not exist or is both culled and thinned
 */
function coarseGates(network: NetworkSpec, base: GateMap, settings: CoarseSettings): GateMap {
  const stages = network.blocks.length;
  const named = (stage: number) => (stage === 0 ? 'the stem' : `stage ${stage}`);
  for (const stage of [...settings.cull, ...settings.thin])
    if (!Number.isInteger(stage) || stage < 0 || stage > stages)
      throw new RangeError(`There is no stage ${stage}: this network has stages 1 to ${stages}, and 0 is the stem.`);
  const both = settings.thin.find((stage) => settings.cull.includes(stage));
  if (both !== undefined) throw new RangeError(`${named(both)} is culled and thinned: choose one.`);

  const gates: GateMap = { ...base };
  const position = new Map<number, number>();
  for (const site of sitesOf(network)) {
    const at = position.get(site.stage) ?? 0;
    position.set(site.stage, at + 1);
    const thinned = settings.thin.includes(site.stage) && (at % 2 === 0) !== (settings.thinKeeps === 'first');
    if (settings.cull.includes(site.stage) || thinned) gates[site.id] = { kind: 'identity' };
  }
  return gates;
}

/** ReLUs in one stage only (0: the stem), every other site linear: the network by which a stage's criticality is measured. */
export function onlyStageGates(network: NetworkSpec, stage: number): GateMap {
  const others = [0, ...network.blocks].map((_, s) => s).filter((s) => s !== stage);
  return coarseGates(network, {}, { cull: others, thin: [], thinKeeps: 'first' });
}

function issuesOf({ cull, thin }: DeepReduceMethod, stages: number): SettingIssue[] {
  const missing = Object.entries({ cull, thin }).flatMap(([key, list]) =>
    list
      .filter((stage) => stage > stages)
      .map((stage) => ({ path: [key], message: `there is no stage ${stage}, only 1 to ${stages}.` })),
  );
  const twice = thin
    .filter((stage) => cull.includes(stage))
    .map((stage) => ({ path: ['thin'], message: `stage ${stage} is culled already: choose one.` }));
  return [...missing, ...twice];
}

const stageList = (stages: number[]) => stages.map((stage) => (stage === 0 ? 'stem' : `S${stage}`)).join(', ');

export const deepreduce = defineMethod({
  name: 'deepreduce',
  schema,
  title: 'DeepReDuce',
  summary: 'Removes the ReLUs of whole stages and of alternate layers (Jha et al. 2021)',
  role: 'prune',
  colour: { light: '#b87f00', dark: '#e69f00' },
  marker: 'triangle',
  defaults: ({ quick }): DeepReduceMethod => ({
    name: 'deepreduce',
    cull: [1],
    thin: [],
    thinKeeps: 'second',
    train: quick ? quickPhase(4, 0.03) : SNL_DENSE,
    distillation: DISTILLATION,
  }),
  describe: ({ cull, thin }) => [
    ...(cull.length > 0 ? [`cull ${stageList(cull)}`] : []),
    ...(thin.length > 0 ? [`thin ${stageList(thin)}`] : []),
  ],
  gates: coarseGates,
  phases: ({ train }) => [train],
  check: (method, { network }) => issuesOf(method, network.blocks.length),
  fit(method, { blocks }) {
    method.cull = method.cull.filter((stage) => stage <= blocks.length);
    method.thin = method.thin.filter((stage) => stage <= blocks.length);
  },
});
