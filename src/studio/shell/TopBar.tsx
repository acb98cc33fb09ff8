/** The top bar: experiment name, undo, files, sharing, device, colour scheme, help and the run controls. */
import {
  ActionIcon,
  Box,
  Burger,
  Group,
  Menu,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDeviceFloppy,
  IconDots,
  IconFolderOpen,
  IconHelp,
  IconMoon,
  IconShare2,
  IconSun,
} from '@tabler/icons-react';
import { Fragment, useRef } from 'react';
import { openExperiments, saveExperiment, shareExperiment } from '../actions.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useView } from '../stores/view.ts';
import { DeviceChip } from './DeviceChip.tsx';
import { NameAndPresets } from './NameAndPresets.tsx';
import { RunControls } from './RunControls.tsx';
import classes from './TopBar.module.css';
import { useNarrow } from './useNarrow.ts';

const ICON = { size: 17, stroke: 1.75 };

interface Command {
  /** In the menu on narrow screens. */
  title: string;
  /** Tooltip of the button, with the shortcut. */
  tip: string;
  icon: typeof IconSun;
  act(): void;
  disabled?: boolean;
}

const IconButton = ({ tip, icon: Icon, act, disabled }: Command) => (
  <Tooltip label={tip}>
    <ActionIcon aria-label={tip} onClick={act} disabled={disabled}>
      <Icon {...ICON} />
    </ActionIcon>
  </Tooltip>
);

function CommandMenu({ groups }: { groups: Command[][] }) {
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <ActionIcon hiddenFrom="md" aria-label="More">
          <IconDots {...ICON} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {groups.map((commands, i) => (
          <Fragment key={commands[0].title}>
            {i > 0 && <Menu.Divider />}
            {commands.map(({ title, icon: Icon, act, disabled }) => (
              <Menu.Item key={title} leftSection={<Icon size={16} />} disabled={disabled} onClick={act}>
                {title}
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** Commands besides those of the run, in three groups: edits, files, page. */
function useCommands(choose: () => void): Command[][] {
  const canUndo = useExperiment((s) => s.past.length > 0);
  const canRedo = useExperiment((s) => s.future.length > 0);
  const undo = useExperiment((s) => s.undo);
  const redo = useExperiment((s) => s.redo);
  const setHelp = useView((s) => s.setHelp);
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  const scheme = other === 'dark' ? 'Dark' : 'Light';
  return [
    [
      { title: 'Undo', tip: 'Undo (Ctrl Z)', icon: IconArrowBackUp, act: undo, disabled: !canUndo },
      { title: 'Redo', tip: 'Redo (Ctrl Shift Z)', icon: IconArrowForwardUp, act: redo, disabled: !canRedo },
    ],
    [
      {
        title: 'Open an experiment or masks',
        tip: 'Open an experiment or masks (Ctrl O)',
        icon: IconFolderOpen,
        act: choose,
      },
      {
        title: 'Save the experiment',
        tip: 'Save the experiment as a file (Ctrl S)',
        icon: IconDeviceFloppy,
        act: saveExperiment,
      },
      {
        title: 'Copy a link',
        tip: 'Copy a link to this experiment',
        icon: IconShare2,
        act: () => void shareExperiment(),
      },
    ],
    [
      {
        title: scheme,
        tip: scheme,
        icon: other === 'dark' ? IconMoon : IconSun,
        act: () => setColorScheme(other),
      },
      {
        title: 'Help',
        tip: 'Help: keyboard shortcuts and glossary (?)',
        icon: IconHelp,
        act: () => setHelp('shortcuts'),
      },
    ],
  ];
}

export function TopBar() {
  const narrow = useNarrow();
  const drawer = useView((s) => s.drawer);
  const setDrawer = useView((s) => s.setDrawer);
  const file = useRef<HTMLInputElement>(null);
  const commands = useCommands(() => file.current?.click());
  const [edits, files, page] = commands;
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
          <Text component="h1" fw={650} size="md" className={classes.brand}>
            ReLU Studio
          </Text>
        </Group>
        {!narrow && (
          <>
            <Box className={classes.divider} />
            <NameAndPresets />
          </>
        )}
        <Group gap={2} wrap="nowrap" visibleFrom="md">
          {[...edits, ...files].map((command) => (
            <IconButton key={command.title} {...command} />
          ))}
        </Group>
        <input
          ref={file}
          id="open-files"
          type="file"
          multiple
          hidden
          accept=".json,.safetensors,.pt,.pth,.tar,.t7,.ckpt,.zip"
          onChange={(event) => openExperiments(event.currentTarget)}
        />
      </Group>
      <Group gap="xs" wrap="nowrap">
        <DeviceChip />
        <Group gap={2} wrap="nowrap" visibleFrom="md">
          {page.map((command) => (
            <IconButton key={command.title} {...command} />
          ))}
        </Group>
        <CommandMenu groups={commands} />
        <RunControls />
      </Group>
    </Group>
  );
}
