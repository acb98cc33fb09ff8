/** The name of the experiment, whether it has unsaved edits, and the menu of presets. */
import { Group, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { PRESETS } from '../../domain/presets.ts';
import { offerUndo } from '../notify.ts';
import { isDirty, useExperiment } from '../stores/experiment.ts';
import classes from './TopBar.module.css';

/** Replaces the experiment with a preset, with an Undo. */
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
        className={classes.name}
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
      <Text span size="xs" c="dimmed" w={8} title={dirty ? 'Unsaved edits' : undefined}>
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
        <UnstyledButton className={classes.presets} aria-label="Presets">
          <Group gap={2} wrap="nowrap">
            <Text size="sm" c="dimmed" visibleFrom="lg">
              Presets
            </Text>
            <IconChevronDown size={14} />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown mah="80vh" style={{ overflowY: 'auto' }}>
        <Menu.Label>Quick (built-in data)</Menu.Label>
        {group('quick')}
        <Menu.Label>Papers (CIFAR)</Menu.Label>
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
