/** The experiment as an accordion of four steps; a closed step shows a summary of its settings. */
import { Accordion, Group, Stack, Text } from '@mantine/core';
import { memo } from 'react';
import type { ComponentType } from 'react';
import { compact, datasetName, describePhase, exactly, macs, networkName } from '../../domain/describe.ts';
import { describeMethods } from '../../domain/describeMethods.ts';
import type { Experiment } from '../../domain/experiment.ts';
import { messageOf } from '../notify.ts';
import { denseCounts } from '../outlook.ts';
import { DataPanel } from '../panels/DataPanel.tsx';
import { MethodsPanel } from '../panels/MethodsPanel.tsx';
import { NetworkPanel } from '../panels/NetworkPanel.tsx';
import { TrainingPanel } from '../panels/TrainingPanel.tsx';
import { ErrorBoundary } from '../parts/ErrorBoundary.tsx';
import { splitOf } from '../split.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { STEP_TITLES, STEPS, useView } from '../stores/view.ts';
import type { Step } from '../stores/view.ts';
import type { DataSummary } from '../../worker/protocol.ts';
import classes from './ExperimentColumn.module.css';

const PANELS: Record<Step, ComponentType> = {
  data: DataPanel,
  network: NetworkPanel,
  methods: MethodsPanel,
  training: TrainingPanel,
};

function networkSummary(experiment: Experiment): string {
  try {
    const { total } = denseCounts(experiment);
    return `${networkName(experiment.network)} · ${compact(total.drelus)} ReLUs · ${macs(total.macs)}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** The summary that a step shows under its title. */
function stepSummary(step: Step, experiment: Experiment, data: DataSummary[] | null): string {
  switch (step) {
    case 'data': {
      const split = splitOf(experiment, data);
      const name = datasetName(experiment.dataset.name);
      return split
        ? `${name} · ${exactly(split.train)} / ${exactly(split.validation)} / ${exactly(split.test)}`
        : `${name} · no files yet`;
    }
    case 'network':
      return networkSummary(experiment);
    case 'methods':
      return describeMethods(experiment);
    case 'training':
      return experiment.dense.epochs === 0
        ? `From scratch · seed ${experiment.seed}`
        : `${describePhase(experiment.dense)} · seed ${experiment.seed}`;
  }
}

const Summary = memo(function Summary({ step }: { step: Step }) {
  const data = useSession((s) => s.data);
  const summary = useExperiment((s) => stepSummary(step, s.experiment, data));
  return (
    <Text span size="xs" c="dimmed" lineClamp={2}>
      {summary}
    </Text>
  );
});

/** The summary is redrawn at every edit, the step around it is not. */
const StepItem = memo(function StepItem({ step, place }: { step: Step; place: number }) {
  const Panel = PANELS[step];
  return (
    <Accordion.Item value={step}>
      <Accordion.Control>
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Text span size="sm" c="dimmed" w={12}>
            {place}
          </Text>
          <Stack gap={0} miw={0}>
            <Text span size="sm" fw={600}>
              {STEP_TITLES[step]}
            </Text>
            <Summary step={step} />
          </Stack>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <ErrorBoundary name={`Step ${STEP_TITLES[step]}`}>
          <Panel />
        </ErrorBoundary>
      </Accordion.Panel>
    </Accordion.Item>
  );
});

export function ExperimentColumn() {
  const open = useView((s) => s.open);
  const setOpen = useView((s) => s.setOpen);
  return (
    <Accordion
      multiple
      order={2}
      value={open}
      onChange={(value) => setOpen(STEPS.filter((step) => value.includes(step)))}
      classNames={{ control: classes.control, content: classes.content }}
      keepMounted={false}
    >
      {STEPS.map((step, i) => (
        <StepItem key={step} step={step} place={i + 1} />
      ))}
    </Accordion>
  );
}
