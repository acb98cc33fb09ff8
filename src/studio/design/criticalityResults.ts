/**
 * The ranking of the stages from the runs of the queue: the validation accuracy where every run has one, else the test accuracy. The
 * two are never mixed.
 */
import { onlyStageGates } from '../../domain/methods/deepreduce.ts';
import { countsOf } from '../../domain/counting.ts';
import { criticalityOf } from '../../domain/criticality.ts';
import type { StageCriticality } from '../../domain/criticality.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import type { QueueEntry } from '../stores/queue.ts';

type Summary = Pick<RunSummary, 'id' | 'status' | 'validationAccuracy' | 'testAccuracy'>;

export interface StageResult {
  stage: number;
  relus: number;
  accuracy: number | null;
}

export interface CriticalityResults {
  split: 'validation' | 'test';
  stages: StageResult[];
  /** Once every stage is measured; most critical first. */
  ranking: StageCriticality[] | null;
}

/** ReLUs of the network that has them in this stage only. */
export const relusOf = ({ experiment, stage }: Pick<QueueEntry, 'experiment' | 'stage'>): number =>
  countsOf(experiment.network, onlyStageGates(experiment.network, stage)).total.drelus;

export function criticalityResults(entries: readonly QueueEntry[], runs: readonly Summary[]): CriticalityResults {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const finished = entries.map((entry) => (entry.state === 'done' && entry.run ? (byId.get(entry.run) ?? null) : null));
  const split = finished.every((run) => run === null || run.validationAccuracy !== null) ? 'validation' : 'test';
  const stages = entries.map((entry, i): StageResult => ({
    stage: entry.stage,
    relus: relusOf(entry),
    accuracy: (split === 'validation' ? finished[i]?.validationAccuracy : finished[i]?.testAccuracy) ?? null,
  }));
  const measured = stages.flatMap(({ accuracy, ...rest }) => (accuracy === null ? [] : [{ ...rest, accuracy }]));
  return {
    split,
    stages,
    ranking: stages.length > 0 && measured.length === stages.length ? criticalityOf(measured) : null,
  };
}
