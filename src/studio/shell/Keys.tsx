/** The keys: what they do, and the list that `?` opens. */
import { CloseButton, Group, Kbd, Modal, Table, Text } from '@mantine/core';
import { useEffect } from 'react';
import { saveExperiment } from '../actions.ts';
import { stepRun, toggleRun } from '../runInHand.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useSession } from '../stores/session.ts';
import { TAB_TITLES, TABS, useView } from '../stores/view.ts';

interface Key {
  keys: string[];
  does: string;
}

const KEYS: Key[] = [
  { keys: ['Space'], does: 'Train, pause, resume' },
  { keys: ['.'], does: 'One step, while paused' },
  ...TABS.map((tab, i) => ({ keys: [String(i + 1)], does: `Show ${TAB_TITLES[tab]}` })),
  { keys: ['Ctrl', 'Z'], does: 'Undo an edit of the experiment' },
  { keys: ['Ctrl', 'Shift', 'Z'], does: 'Redo' },
  { keys: ['Ctrl', 'O'], does: 'Open an experiment or masks' },
  { keys: ['Ctrl', 'S'], does: 'Save the experiment as a file' },
  { keys: ['↑', '↓'], does: 'In a number field: step; with Shift ten times' },
  { keys: ['?'], does: 'This list' },
];

/** Typing, and anything that has a use of its own for the key. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
const usesSpace = (target: EventTarget | null) =>
  isTyping(target) ||
  (target instanceof HTMLElement &&
    target.closest(
      'button, a, summary, [role="button"], [role="tab"], [role="slider"], [role="menuitem"], [role="dialog"]',
    ) !== null);

function onKey(event: KeyboardEvent): void {
  const view = useView.getState();
  const { undo, redo } = useExperiment.getState();
  const done = () => event.preventDefault();
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase();
    if (key === 's') {
      done();
      saveExperiment();
    } else if (key === 'o') {
      done();
      document.getElementById('open-files')?.click();
    } else if ((key === 'z' || key === 'y') && !isTyping(event.target)) {
      done();
      if (event.shiftKey || key === 'y') redo();
      else undo();
    }
    return;
  }
  if (event.altKey || isTyping(event.target)) return;
  if (event.key === ' ' && !event.repeat && !usesSpace(event.target)) {
    done();
    toggleRun();
  } else if (event.key === '.' && useSession.getState().current?.status === 'paused') void stepRun();
  else if (event.key === '?') view.setHelp(true);
  else if (event.key === 'Escape' && view.drawer) {
    view.setDrawer(false);
    document.getElementById('drawer-button')?.focus();
  } else if (/^[1-9]$/.test(event.key)) {
    const tab = TABS[Number(event.key) - 1];
    if (tab) view.setTab(tab);
  }
}

export function Keys() {
  const help = useView((s) => s.help);
  const setHelp = useView((s) => s.setHelp);
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Modal
      opened={help}
      onClose={() => setHelp(false)}
      withCloseButton={false}
      attributes={{ content: { 'aria-label': 'Keys' } }}
      size="sm"
    >
      <Group justify="space-between" mb="xs">
        <Text component="h2" fw={600}>
          Keys
        </Text>
        <CloseButton aria-label="Close" onClick={() => setHelp(false)} />
      </Group>
      <Table>
        <Table.Tbody>
          {KEYS.map(({ keys, does }) => (
            <Table.Tr key={does}>
              <Table.Td w={140}>
                {keys.map((key, i) => (
                  <span key={key}>
                    {i > 0 && ' '}
                    <Kbd size="xs">{key}</Kbd>
                  </span>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
