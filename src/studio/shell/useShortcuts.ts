/** Listens to the keyboard and performs the shortcut that a key press means (shortcuts.ts). */
import { useEffect } from 'react';
import { saveExperiment } from '../actions.ts';
import { stepRun, toggleRun } from '../currentRun.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useRuns } from '../stores/runs.ts';
import { useView } from '../stores/view.ts';
import { focusOf, shortcutOf } from './shortcuts.ts';
import type { ShortcutAction } from './shortcuts.ts';

function perform(action: ShortcutAction): void {
  const view = useView.getState();
  switch (action.do) {
    case 'save':
      return saveExperiment();
    case 'open':
      return document.getElementById('open-files')?.click();
    case 'undo':
      return useExperiment.getState().undo();
    case 'redo':
      return useExperiment.getState().redo();
    case 'toggle run':
      return toggleRun();
    case 'step':
      return void stepRun();
    case 'help':
      return view.setHelp('shortcuts');
    case 'close drawer':
      view.setDrawer(false);
      return document.getElementById('drawer-button')?.focus();
    case 'show tab':
      return view.setTab(action.tab);
  }
}

function onKeyDown(event: KeyboardEvent): void {
  const { singleKeys, drawer } = useView.getState();
  const action = shortcutOf(
    {
      key: event.key,
      ctrl: event.ctrlKey || event.metaKey,
      alt: event.altKey,
      shift: event.shiftKey,
      repeat: event.repeat,
      focus: focusOf(event.target),
    },
    { singleKeys, paused: useRuns.getState().current?.status === 'paused', drawerOpen: drawer },
  );
  if (!action) return;
  event.preventDefault();
  perform(action);
}

export function useShortcuts(): void {
  useEffect(() => {
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
}
