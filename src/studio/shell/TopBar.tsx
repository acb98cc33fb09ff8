/** The line on top: which experiment is open, files, sharing, the device, light and dark, and the run's controls. */
import {
  ActionIcon,
  Box,
  Burger,
  Group,
  Menu,
  Text,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
  VisuallyHidden,
} from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronDown,
  IconDeviceFloppy,
  IconDots,
  IconFolderOpen,
  IconKeyboard,
  IconMoon,
  IconShare2,
  IconSun,
} from '@tabler/icons-react';
import { useRef } from 'react';
import { PRESETS } from '../../domain/presets.ts';
import { openExperiments, saveExperiment, shareExperiment } from '../actions.ts';
import { offerUndo } from '../notify.ts';
import { isDirty, useExperiment } from '../stores/experiment.ts';
import { useView } from '../stores/view.ts';
import { DeviceChip } from './DeviceChip.tsx';
import { RunControls } from './RunControls.tsx';

const ICON = { size: 17, stroke: 1.75 };

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

function IconButton({
  label,
  icon: Icon,
  onClick,
  disabled,
}: {
  label: string;
  icon: typeof IconSun;
  onClick(): void;
  disabled?: boolean;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick} disabled={disabled}>
        <Icon {...ICON} />
      </ActionIcon>
    </Tooltip>
  );
}

const { undo, redo } = useExperiment.getState();

/** A preset takes the place of what was being edited; the way back is offered at once. */
function openPreset(preset: (typeof PRESETS)[number]): void {
  useExperiment.getState().open(preset.make());
  offerUndo(`Opened the preset “${preset.title}”.`, undo);
}

export function TopBar() {
  const drawer = useView((s) => s.drawer);
  const setDrawer = useView((s) => s.setDrawer);
  const setHelp = useView((s) => s.setHelp);
  const canUndo = useExperiment((s) => s.past.length > 0);
  const canRedo = useExperiment((s) => s.future.length > 0);
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const file = useRef<HTMLInputElement>(null);
  const other = scheme === 'dark' ? 'light' : 'dark';
  const choose = () => file.current?.click();
  return (
    <Group h="100%" px="sm" gap="xs" wrap="nowrap" justify="space-between">
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Burger
          id="drawer-button"
          aria-expanded={drawer}
          opened={drawer}
          onClick={() => setDrawer(!drawer)}
          hiddenFrom="sm"
          size="sm"
          aria-label={drawer ? 'Close the experiment' : 'Open the experiment'}
        />
        <Group gap={8} wrap="nowrap">
          <img src="./icon.svg" alt="" width={20} height={20} />
          <Text component="h1" fw={650} size="md" className="brand">
            ReLU Studio
          </Text>
        </Group>
        <Box visibleFrom="sm" className="divider" />
        <Box visibleFrom="sm" miw={0}>
          <NameField />
        </Box>
        <Box visibleFrom="sm">
          <PresetMenu />
        </Box>
        <Group gap={2} wrap="nowrap" visibleFrom="md">
          <IconButton label="Undo (Ctrl Z)" icon={IconArrowBackUp} onClick={undo} disabled={!canUndo} />
          <IconButton label="Redo (Ctrl Shift Z)" icon={IconArrowForwardUp} onClick={redo} disabled={!canRedo} />
          <IconButton label="Open an experiment or masks (Ctrl O)" icon={IconFolderOpen} onClick={choose} />
          <IconButton label="Save the experiment as a file (Ctrl S)" icon={IconDeviceFloppy} onClick={saveExperiment} />
          <IconButton label="Copy a link to this experiment" icon={IconShare2} onClick={() => void shareExperiment()} />
        </Group>
        <input
          ref={file}
          id="open-files"
          type="file"
          multiple
          hidden
          accept=".json,.safetensors"
          onChange={(event) => openExperiments(event.currentTarget)}
        />
      </Group>
      <Group gap="xs" wrap="nowrap">
        <DeviceChip />
        <Group gap={2} wrap="nowrap" visibleFrom="md">
          <IconButton
            label={other === 'dark' ? 'Dark' : 'Light'}
            icon={other === 'dark' ? IconMoon : IconSun}
            onClick={() => setColorScheme(other)}
          />
          <IconButton label="Keys (?)" icon={IconKeyboard} onClick={() => setHelp(true)} />
        </Group>
        <Menu position="bottom-end" width={260} shadow="md">
          <Menu.Target>
            <ActionIcon hiddenFrom="md" aria-label="More">
              <IconDots {...ICON} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconArrowBackUp size={16} />} disabled={!canUndo} onClick={undo}>
              Undo
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowForwardUp size={16} />} disabled={!canRedo} onClick={redo}>
              Redo
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconFolderOpen size={16} />} onClick={choose}>
              Open an experiment or masks
            </Menu.Item>
            <Menu.Item leftSection={<IconDeviceFloppy size={16} />} onClick={saveExperiment}>
              Save the experiment
            </Menu.Item>
            <Menu.Item leftSection={<IconShare2 size={16} />} onClick={() => void shareExperiment()}>
              Copy a link
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              leftSection={other === 'dark' ? <IconMoon size={16} /> : <IconSun size={16} />}
              onClick={() => setColorScheme(other)}
            >
              {other === 'dark' ? 'Dark' : 'Light'}
            </Menu.Item>
            <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={() => setHelp(true)}>
              Keys
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <RunControls />
      </Group>
    </Group>
  );
}
