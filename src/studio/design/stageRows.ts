/**
 * The numbers of the stage drawing: width, resolution and shares of ReLUs and MACs per stage. The counts are those of the dense
 * network, whatever a method does afterwards. The stem, with its gate where the network has one, is a row of its own, stage 0.
 */
import { countsOf } from '../../domain/counting.ts';
import { layersOf } from '../../domain/network.ts';
import type { NetworkSpec } from '../../domain/network.ts';

export interface StageRow {
  /** 0 is the stem, else 1-based. */
  stage: number;
  blocks: number;
  /** Channels, height and width of the output of the stage. */
  channels: number;
  height: number;
  width: number;
  relus: number;
  macs: number;
  parameters: number;
  /** Of the whole network, 0 … 1. */
  reluShare: number;
  macShare: number;
}

export interface StageTable {
  rows: StageRow[];
  relus: number;
  macs: number;
  parameters: number;
}

/** Channels, height and width at the end of each stage, stem first. */
function outputsOf(spec: NetworkSpec): { channels: number; height: number; width: number }[] {
  const outputs = [0, ...spec.blocks].map(() => ({ channels: 0, height: 0, width: 0 }));
  // The last convolution of a stage, 1×1 shortcuts included, has its output shape.
  for (const layer of layersOf(spec)) if (layer.kind === 'conv') outputs[layer.stage] = layer.out;
  return outputs;
}

/** @throws RangeError where the specification is not a network. */
export function stageTable(spec: NetworkSpec): StageTable {
  const { stages, total } = countsOf(spec);
  const outputs = outputsOf(spec);
  const rows = stages.map(({ stage, drelus, macs, parameters }): StageRow => ({
    stage,
    blocks: stage === 0 ? 0 : spec.blocks[stage - 1],
    ...outputs[stage],
    relus: drelus,
    macs,
    parameters,
    reluShare: total.drelus > 0 ? drelus / total.drelus : 0,
    macShare: total.macs > 0 ? macs / total.macs : 0,
  }));
  return { rows, relus: total.drelus, macs: total.macs, parameters: total.parameters };
}
