/** The line on top: what this is and which experiment is open. */
import { Burger, Group, Text } from '@mantine/core';
import { useExperiment } from '../stores/experiment.ts';
import { useView } from '../stores/view.ts';

export function TopBar() {
  const name = useExperiment((s) => s.experiment.name);
  const { drawer, setDrawer } = useView();
  return (
    <Group h="100%" px="md" gap="sm" wrap="nowrap">
      <Burger opened={drawer} onClick={() => setDrawer(!drawer)} hiddenFrom="sm" size="sm" aria-label="Experiment" />
      <Text fw={650}>ReLU Studio</Text>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
    </Group>
  );
}
