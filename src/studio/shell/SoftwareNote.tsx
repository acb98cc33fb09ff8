/** Says why a first visit on a software adapter opens with the trial preset, and offers the default one. */
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { countsOf } from '../../domain/counting.ts';
import { duration } from '../../domain/describe.ts';
import { PRESETS } from '../../domain/presets.ts';
import { useOpening } from '../opening.ts';
import { expectedSeconds } from '../readiness.ts';
import { useExperiment } from '../stores/experiment.ts';
import { DEFAULT_PRESET } from '../stores/keptExperiment.ts';
import { useSession } from '../stores/session.ts';

const preset = PRESETS.find(({ id }) => id === DEFAULT_PRESET);

export function SoftwareNote() {
  const trial = useOpening((s) => s.trial);
  const open = useExperiment((s) => s.open);
  // Gone once the user opens or saves another experiment.
  const isOpen = useExperiment((s) => s.saved === trial);
  const device = useSession((s) => s.device);
  const [closed, setClosed] = useState(false);
  const time = useMemo(() => {
    if (!device || !preset) return '';
    const experiment = preset.make();
    return duration(expectedSeconds(experiment, countsOf(experiment.network).total.macs, device, null));
  }, [device]);
  if (!trial || !isOpen || closed || !preset) return null;
  return (
    <Alert
      m="md"
      mb="xs"
      role="note"
      variant="light"
      color="gray"
      icon={<IconCpu size={18} />}
      title="Software (CPU) rendering: opened with the trial preset"
      withCloseButton
      closeButtonLabel="Close"
      onClose={() => setClosed(true)}
    >
      <Group gap="sm" justify="space-between">
        <Text size="sm">
          {preset.title} would take about {time} on this adapter. The trial preset ends within two minutes.
        </Text>
        <Button size="compact-xs" variant="default" onClick={() => open(preset.make())}>
          Open {preset.title}
        </Button>
      </Group>
    </Alert>
  );
}
