/** Actions on the masks of a run: export, evaluate, finetune. */
import { Button, Group, Menu, Stack, Text } from '@mantine/core';
import { IconGauge, IconPlayerPlay } from '@tabler/icons-react';
import { exactly, percent } from '../../domain/describe.ts';
import type { Experiment, Phase } from '../../domain/experiment.ts';
import { inOrder } from '../../domain/methods/registry.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { useGpuObstacle } from '../gpuJobs.ts';
import { offerUndo } from '../notify.ts';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { ExportMasks } from '../parts/ExportMasks.tsx';
import { GpuObstacle } from '../parts/GpuObstacle.tsx';
import { JobProgress } from '../parts/JobProgress.tsx';
import { startRun } from '../currentRun.ts';
import { useExperiment } from '../stores/experiment.ts';
import { evaluate, PARTS, useEvaluations } from './evaluation.ts';
import type { Part } from './evaluation.ts';

/** For runs without a finetuning phase: SNL's optimizer, ten epochs. */
const FINETUNE: Phase = {
  epochs: 10,
  batch: 128,
  optimizer: { kind: 'sgd', learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'cosine', floor: 0 },
};

/** An experiment that trains the run's network with fixed gates, in the run's own finetuning phase. */
export function finetuningOf(run: Pick<RunSummary, 'name' | 'experiment'>): Experiment {
  const last = inOrder(run.experiment.methods).at(-1);
  const own = last && 'finetune' in last ? last.finetune : null;
  return {
    ...structuredClone(run.experiment),
    name: `${run.name}, finetuned`.slice(0, 120),
    methods: [],
    dense: own && own.epochs > 0 ? structuredClone(own) : FINETUNE,
  };
}

const TITLES: Record<Part, string> = { validation: 'validation split', test: 'test split' };

/** Replaces the experiment on the page, with an Undo, and starts the run. */
function finetune(run: RunSummary): void {
  const undo = useExperiment.getState().set(finetuningOf(run));
  offerUndo(`The experiment on the page now finetunes “${run.name}”.`, undo);
  void startRun({ run: run.id });
}

export function MasksActions({ run }: { run: RunSummary }) {
  const obstacle = useGpuObstacle();
  return (
    <Group gap="xs">
      <ExportMasks run={run} />
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" disabled={obstacle !== null} leftSection={<IconGauge size={15} />}>
            Evaluate
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {PARTS.map((part) => (
            <Menu.Item key={part} onClick={() => void evaluate(run.id, part)}>
              On the {TITLES[part]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button
        variant="default"
        disabled={obstacle !== null}
        leftSection={<IconPlayerPlay size={15} />}
        onClick={() => finetune(run)}
      >
        Finetune from this
      </Button>
    </Group>
  );
}

/** Progress of an evaluation of this run, and the results since the page was opened. */
export function EvaluationLine({ run }: { run: RunSummary }) {
  const outcomes = useEvaluations((s) => s.outcomes[run.id]);
  return (
    <Stack gap={4}>
      <GpuObstacle what="Evaluation and finetuning" />
      <JobProgress type="masks:evaluate" run={run.id} />
      <div role="status">
        {PARTS.map((part) => {
          const outcome = outcomes?.[part];
          return (
            outcome &&
            'result' in outcome && (
              <Text key={part} size="xs" c="dimmed">
                {part} accuracy {percent(outcome.result.accuracy)}, {exactly(outcome.result.images)} images, loss{' '}
                {outcome.result.loss.toFixed(4)}
              </Text>
            )
          );
        })}
      </div>
      {PARTS.map((part) => {
        const outcome = outcomes?.[part];
        return (
          outcome &&
          'problem' in outcome && (
            <ErrorLine key={part}>
              Not evaluated on the {TITLES[part]}: {outcome.problem}
            </ErrorLine>
          )
        );
      })}
    </Stack>
  );
}
