/** What can be done with a run's masks: export, evaluate on the loaded data, finetune from them. */
import { Button, Group, Menu, Text } from '@mantine/core';
import { IconDownload, IconGauge, IconPlayerPlay } from '@tabler/icons-react';
import { useState } from 'react';
import { exactly, percent } from '../../domain/describe.ts';
import type { Experiment, Phase } from '../../domain/experiment.ts';
import type { Evaluation } from '../../engine/api.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { exportMasks } from '../exports.ts';
import { tellError } from '../notify.ts';
import { ask, startRun } from '../session.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useIsActive, useSession } from '../stores/session.ts';

/** Where the run had no finetuning of its own: SNL's optimizer, ten epochs. */
const FINETUNE: Phase = {
  epochs: 10,
  batch: 128,
  optimizer: { kind: 'sgd', learningRate: 1e-3, momentum: 0.9, weightDecay: 5e-4 },
  schedule: { kind: 'cosine', floor: 0 },
};

/** Training of this run's network with its gates as they are: no further method, its own finetuning phase. */
export function finetuningOf(run: Pick<RunSummary, 'name' | 'experiment'>): Experiment {
  const snl = run.experiment.methods.find((method) => method.name === 'snl');
  return {
    ...structuredClone(run.experiment),
    name: `${run.name}, finetuned`.slice(0, 120),
    methods: [],
    dense: snl?.name === 'snl' && snl.finetune.epochs > 0 ? structuredClone(snl.finetune) : FINETUNE,
  };
}

type Part = 'validation' | 'test';

export function MasksActions({ run }: { run: RunSummary }) {
  const active = useIsActive();
  const available = useSession((s) => s.device?.available === true);
  const [evaluating, setEvaluating] = useState<Part | null>(null);
  const [evaluated, setEvaluated] = useState<{ run: string; part: Part; result: Evaluation } | null>(null);
  const idle = available && !active && evaluating === null;
  const why = !available ? 'needs a GPU' : active ? 'waits until the run in hand is over' : undefined;

  const evaluate = async (part: Part) => {
    setEvaluating(part);
    try {
      setEvaluated({ run: run.id, part, result: await ask({ type: 'masks:evaluate', run: run.id, part }) });
    } catch (error) {
      tellError('The run could not be evaluated', error);
    } finally {
      setEvaluating(null);
    }
  };
  const finetune = () => {
    useExperiment.getState().set(finetuningOf(run));
    void startRun({ run: run.id });
  };
  const shown = evaluated?.run === run.id ? evaluated : null;

  return (
    <Group gap="xs">
      <Button leftSection={<IconDownload size={15} />} onClick={() => void exportMasks(run)}>
        Export masks
      </Button>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button variant="default" disabled={!idle} title={why} leftSection={<IconGauge size={15} />}>
            {evaluating ? `Evaluating on ${evaluating} …` : 'Evaluate'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void evaluate('validation')}>On the validation split</Menu.Item>
          <Menu.Item onClick={() => void evaluate('test')}>On the test split</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button
        variant="default"
        disabled={!idle}
        title={why}
        leftSection={<IconPlayerPlay size={15} />}
        onClick={finetune}
      >
        Finetune from this
      </Button>
      <Text size="xs" c="dimmed" className="figures" role="status">
        {shown &&
          `${shown.part}: ${percent(shown.result.accuracy)} of ${exactly(shown.result.images)} images, loss ${shown.result.loss.toFixed(4)}`}
      </Text>
    </Group>
  );
}
