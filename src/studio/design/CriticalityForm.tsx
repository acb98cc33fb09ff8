/** The training settings that all criticality runs share, and the button that starts them. */
import { Button, Group, Stack, Text } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { compact, duration, networkName } from '../../domain/describe.ts';
import { macsOf } from '../../domain/layerCost.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { expectedSeconds } from '../readiness.ts';
import { splitOf } from '../split.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useQueue } from '../stores/queue.ts';
import { isActive, useRuns } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';
import { criticalityExperiments } from './criticalityRuns.ts';
import type { CriticalitySettings } from './criticalityRuns.ts';
import { continueQueue, startQueue, stopQueue } from './queueRunner.ts';

interface Props {
  settings: CriticalitySettings;
  change(change: Partial<CriticalitySettings>): void;
}

export function CriticalityForm({ settings, change }: Props) {
  const experiment = useExperiment((s) => s.experiment);
  const data = useSession((s) => s.data);
  const device = useSession((s) => s.device);
  const { entries, going } = useQueue();
  const stages = experiment.network.blocks.length;
  const split = splitOf({ ...experiment, dataset: { ...experiment.dataset, trainImages: settings.trainImages } }, data);
  const steps = split ? stages * settings.epochs * Math.floor(split.train / settings.batch) : null;
  const seconds = device?.available
    ? criticalityExperiments(experiment, settings).reduce(
        (sum, queued) => sum + expectedSeconds(queued.experiment, macsOf(experiment.network), device, data),
        0,
      )
    : null;
  const unfinished = entries.some((entry) => entry.state !== 'done');
  const other = useRuns(
    ({ current }) =>
      isActive(current) && !entries.some((entry) => entry.state === 'running' && entry.run === current.id),
  );
  const obstacle = other
    ? 'Unavailable while a run is training.'
    : device && !device.available
      ? (device.reason ?? 'No GPU is available.')
      : !split
        ? 'The data set of the experiment is not loaded: add its files in step 1, Data.'
        : null;
  const time =
    seconds === null ? '' : `; about ${duration(seconds)} on this ${device?.software ? 'software adapter' : 'GPU'}`;
  const outlook = steps === null ? '' : `${compact(steps)} training steps in total${time}.`;
  return (
    <Stack gap="sm" role="group" aria-label="Settings of the criticality runs">
      <Text size="xs" c="dimmed">
        {stages} runs of {networkName(experiment.network)}, one per stage, each with ReLUs in that stage only. All runs
        use these settings and the experiment&rsquo;s data, optimizer and augmentation.
      </Text>
      <Group gap="xs" grow align="flex-start">
        <NumberField label="Epochs" value={settings.epochs} min={1} whole onChange={(epochs) => change({ epochs })} />
        <NumberField
          label="Batch"
          unit="images"
          value={settings.batch}
          min={1}
          whole
          step={16}
          onChange={(batch) => change({ batch })}
        />
      </Group>
      <Group gap="xs" grow align="flex-start">
        <NumberField
          label="Learning rate"
          hint="Cosine decay to 2% of it"
          value={settings.learningRate}
          min={0}
          above
          factor={2}
          onChange={(learningRate) => change({ learningRate })}
        />
        <NumberField label="Seed" value={settings.seed} min={0} whole onChange={(seed) => change({ seed })} />
      </Group>
      <NumberField
        label="Training images"
        hint={settings.trainImages === null ? 'All images' : 'First N images; 0 for all'}
        value={settings.trainImages ?? 0}
        min={0}
        whole
        step={500}
        onChange={(images) => change({ trainImages: images === 0 ? null : images })}
      />
      {going ? (
        <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={() => void stopQueue()}>
          Stop the queue
        </Button>
      ) : (
        <Group gap={6} grow preventGrowOverflow={false}>
          {unfinished && (
            <Button variant="default" disabled={obstacle !== null} onClick={continueQueue}>
              Continue
            </Button>
          )}
          <Button
            variant="filled"
            leftSection={<IconPlayerPlay size={14} />}
            disabled={obstacle !== null}
            onClick={() => startQueue(criticalityExperiments(experiment, settings))}
          >
            Measure
          </Button>
        </Group>
      )}
      <Text size="xs" c={obstacle && !going ? 'var(--warn-text)' : 'dimmed'}>
        {obstacle && !going ? obstacle : outlook}
      </Text>
    </Stack>
  );
}
