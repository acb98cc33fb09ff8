/** The line on top: which experiment is open, files, sharing, the device, light and dark, and the run's controls. */
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
  IconKeyboard,
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
import { useNarrow } from './useNarrow.ts';

const ICON = { size: 17, stroke: 1.75 };

interface Verb {
  /** In the menu of narrow screens. */
  title: string;
  /** Beside the button, with its key. */
  tip: string;
  icon: typeof IconSun;
  act(): void;
  disabled?: boolean;
}

const IconButton = ({ tip, icon: Icon, act, disabled }: Verb) => (
  <Tooltip label={tip}>
    <ActionIcon aria-label={tip} onClick={act} disabled={disabled}>
      <Icon {...ICON} />
    </ActionIcon>
  </Tooltip>
);

function VerbMenu({ groups }: { groups: Verb[][] }) {
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <ActionIcon hiddenFrom="md" aria-label="More">
          <IconDots {...ICON} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {groups.map((verbs, i) => (
          <Fragment key={verbs[0].title}>
            {i > 0 && <Menu.Divider />}
            {verbs.map(({ title, icon: Icon, act, disabled }) => (
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

/** Edits, files, the page: what the line on top can do besides running. */
function useVerbs(choose: () => void): Verb[][] {
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
      { title: 'Keys', tip: 'Keys (?)', icon: IconKeyboard, act: () => setHelp(true) },
    ],
  ];
}

export function TopBar() {
  const narrow = useNarrow();
  const drawer = useView((s) => s.drawer);
  const setDrawer = useView((s) => s.setDrawer);
  const file = useRef<HTMLInputElement>(null);
  const verbs = useVerbs(() => file.current?.click());
  const [edits, files, page] = verbs;
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
        {!narrow && (
          <>
            <Box className="divider" />
            <NameAndPresets />
          </>
        )}
        <Group gap={2} wrap="nowrap" visibleFrom="md">
          {[...edits, ...files].map((verb) => (
            <IconButton key={verb.title} {...verb} />
          ))}
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
          {page.map((verb) => (
            <IconButton key={verb.title} {...verb} />
          ))}
        </Group>
        <VerbMenu groups={verbs} />
        <RunControls />
      </Group>
    </Group>
  );
}
