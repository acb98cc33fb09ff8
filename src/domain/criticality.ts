/**
 * Criticality of stages for accuracy, after DeepReDuce (Jha et al. 2021; the formula as recalled from the paper, design:
 * algorithms §4): train the network with ReLUs in one stage only, for each stage, and compare.
 *
 *   C_k = (accuracy with only stage k's ReLUs − accuracy of the worst such stage) / (ReLUs of stage k)^0.07
 *
 * divided by the largest, so that the most critical stage has 1. The worst stage has 0 by construction.
 */
export interface StageMeasurement {
  /** 1-based. */
  stage: number;
  /** Of the network with ReLUs in this stage only, 0 to 1. */
  accuracy: number;
  /** ReLUs of this stage. */
  relus: number;
}

export interface StageCriticality extends StageMeasurement {
  /** 1 for the most critical stage; 0 for all where all accuracies are equal. */
  criticality: number;
  /** 1 is the most critical. */
  rank: number;
}

/** Weight of a stage's ReLU count: nearly none, so that accuracy decides and the count breaks near-ties. */
export const RELU_EXPONENT = 0.07;

/** @throws RangeError where a measurement is none. */
export function criticalityOf(measurements: readonly StageMeasurement[]): StageCriticality[] {
  if (measurements.length === 0) throw new RangeError('Criticality needs a measurement of at least one stage.');
  for (const { stage, relus, accuracy } of measurements)
    if (!(relus > 0) || !Number.isFinite(accuracy))
      throw new RangeError(`Stage ${stage}: criticality needs an accuracy and a ReLU count above 0.`);
  const worst = Math.min(...measurements.map((m) => m.accuracy));
  const raw = measurements.map((m) => (m.accuracy - worst) / m.relus ** RELU_EXPONENT);
  const most = Math.max(...raw);
  return measurements
    .map((m, i) => ({ ...m, criticality: most > 0 ? raw[i] / most : 0, rank: 0 }))
    .sort((a, b) => b.criticality - a.criticality || a.relus - b.relus || a.stage - b.stage)
    .map((m, i) => ({ ...m, rank: i + 1 }));
}

/** Stages, most critical first, as the equalizer takes them. */
export const orderOf = (ranked: readonly StageCriticality[]): number[] =>
  [...ranked].sort((a, b) => a.rank - b.rank).map((m) => m.stage);
