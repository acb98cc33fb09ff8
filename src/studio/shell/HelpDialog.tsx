/** The dialog that `?` opens: keyboard shortcuts with their switch, and the glossary. */
import { CloseButton, Group, Kbd, Modal, Switch, Table, Tabs, Text } from '@mantine/core';
import { GLOSSARY } from '../glossary.ts';
import { TAB_TITLES, TABS, useView } from '../stores/view.ts';
import type { Help } from '../stores/view.ts';
import classes from './HelpDialog.module.css';

interface Shortcut {
  keys: string[];
  action: string;
}

const SINGLE_KEYS: Shortcut[] = [
  { keys: ['Space'], action: 'Train, pause or resume' },
  { keys: ['.'], action: 'Run one step while paused' },
  ...TABS.map((tab, i) => ({ keys: [String(i + 1)], action: `Show ${TAB_TITLES[tab]}` })),
  { keys: ['?'], action: 'Show this help' },
];
const OTHER_KEYS: Shortcut[] = [
  { keys: ['Ctrl', 'Z'], action: 'Undo the last edit of the experiment' },
  { keys: ['Ctrl', 'Shift', 'Z'], action: 'Redo' },
  { keys: ['Ctrl', 'O'], action: 'Open an experiment or masks' },
  { keys: ['Ctrl', 'S'], action: 'Save the experiment as a file' },
  { keys: ['↑', '↓'], action: 'Change a number; with Shift in steps of ten' },
  { keys: ['←', '→'], action: 'Move between the points of a plot' },
];

function ShortcutTable({ label, shortcuts }: { label: string; shortcuts: Shortcut[] }) {
  return (
    <Table aria-label={label}>
      <Table.Tbody>
        {shortcuts.map(({ keys, action }) => (
          <Table.Tr key={action}>
            <Table.Td w={140}>
              {keys.map((key, i) => (
                <span key={key}>
                  {i > 0 && ' '}
                  <Kbd size="xs">{key}</Kbd>
                </span>
              ))}
            </Table.Td>
            <Table.Td>{action}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Shortcuts() {
  const singleKeys = useView((s) => s.singleKeys);
  const setSingleKeys = useView((s) => s.setSingleKeys);
  return (
    <>
      <Switch
        my="sm"
        label="Single-key shortcuts"
        description="Off: only shortcuts with Ctrl work. This help is then under the button “Help” in the top bar."
        checked={singleKeys}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
      />
      <div data-off={!singleKeys || undefined} className={classes.single}>
        <ShortcutTable label="Single-key shortcuts" shortcuts={SINGLE_KEYS} />
      </div>
      <ShortcutTable label="Other shortcuts" shortcuts={OTHER_KEYS} />
    </>
  );
}

const byTerm = Object.entries(GLOSSARY).sort(([, a], [, b]) => a.term.localeCompare(b.term, 'en'));

function Glossary() {
  return (
    <dl className={classes.glossary}>
      {byTerm.map(([key, { term, definition }]) => (
        <div key={key}>
          <dt>{term}</dt>
          <dd>{definition}</dd>
        </div>
      ))}
    </dl>
  );
}

export function HelpDialog() {
  const help = useView((s) => s.help);
  const setHelp = useView((s) => s.setHelp);
  const close = () => setHelp(null);
  return (
    <Modal
      opened={help !== null}
      onClose={close}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': 'Help' } }}
      size="lg"
    >
      <Group justify="space-between" mb="xs">
        <Text component="h2" fw={600}>
          Help
        </Text>
        <CloseButton aria-label="Close" onClick={close} />
      </Group>
      <Tabs value={help} onChange={(part) => part && setHelp(part as Exclude<Help, null>)}>
        <Tabs.List>
          <Tabs.Tab value="shortcuts">Keyboard shortcuts</Tabs.Tab>
          <Tabs.Tab value="glossary">Glossary</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="shortcuts">
          <Shortcuts />
        </Tabs.Panel>
        <Tabs.Panel value="glossary">
          <Glossary />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}
