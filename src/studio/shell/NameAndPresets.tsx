/** Which experiment is open: its name, whether it has edits that are in no file, and the presets to begin from. */
import { Group, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { PRESETS } from '../../domain/presets.ts';
import { offerUndo } from '../notify.ts';
import { isDirty, useExperiment } from '../stores/experiment.ts';

/** A preset takes the place of what was being edited; the way back is offered at once. */
function openPreset(preset: (typeof PRESETS)[number]): void {
  offerUndo(`Opened the preset “${preset.title}”.`, useExperiment.getState().open(preset.make()));
}

function NameField() {
  const name = useExperiment((s) => s.experiment.name);
  const update = useExperiment((s) => s.update);
  const dirty = useExperiment(isDirty);
  return (
    <Group gap={6} wrap="nowrap" miw={0}>
      <input
        className="name-field"
        aria-label="Name of the experiment"
        value={name}
        maxLength={120}
        size={Math.max(8, Math.min(36, name.length))}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          update((draft) => void (draft.name = typed), 'name');
        }}
        onBlur={() => name.trim() === '' && update((draft) => void (draft.name = 'Untitled'), 'name')}
      />
      <Text span size="xs" c="dimmed" w={8} title={dirty ? 'Has edits that are not saved to a file' : undefined}>
        {dirty ? '●' : ''}
      </Text>
      {dirty && <VisuallyHidden>not saved</VisuallyHidden>}
    </Group>
  );
}

function PresetMenu() {
  const group = (name: 'quick' | 'paper') =>
    PRESETS.filter((preset) => preset.group === name).map((preset) => (
      <Menu.Item key={preset.id} onClick={() => openPreset(preset)}>
        {preset.title}
        <Text size="xs" c="dimmed">
          {preset.hint}
        </Text>
      </Menu.Item>
    ));
  return (
    <Menu position="bottom-start" width={340} shadow="md">
      <Menu.Target>
        <UnstyledButton className="quiet-button" aria-label="Presets">
          <Group gap={2} wrap="nowrap">
            <Text size="sm" c="dimmed" visibleFrom="lg">
              Presets
            </Text>
            <IconChevronDown size={14} />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="80vh" style={{ overflowY: 'auto' }}>
        <Menu.Label>Quick, on the built-in data</Menu.Label>
        {group('quick')}
        <Menu.Label>The papers, on CIFAR</Menu.Label>
        {group('paper')}
      </Menu.Dropdown>
    </Menu>
  );
}

export function NameAndPresets() {
  return (
    <Group gap={8} wrap="nowrap" miw={0}>
      <NameField />
      <PresetMenu />
    </Group>
  );
}
