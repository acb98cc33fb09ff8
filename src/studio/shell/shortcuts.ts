/**
 * Keyboard shortcuts of the page: which key does what, and when a key is left to the element that has the focus.
 *
 * Shortcuts of a single character can be switched off (WCAG 2.1.4, "Character Key Shortcuts"): speech input and hands that slip
 * would trigger them. Shortcuts with Ctrl, and Escape, are not affected.
 */
import { TABS } from '../stores/view.ts';
import type { Tab } from '../stores/view.ts';

export type ShortcutAction =
  | { do: 'save' | 'open' | 'undo' | 'redo' | 'toggle run' | 'step' | 'help' | 'close drawer' }
  | { do: 'show tab'; tab: Tab };

/**
 * Where the focus is: `page`, nothing in particular; `text`, a field that is typed into, or an open dialog; `element`, anything else that was focused
 * by pointer or Tab, such as a button, a slider, a plotted point or a scrollable table.
 */
export type Focus = 'page' | 'text' | 'element';

export interface KeyPress {
  key: string;
  /** Ctrl, or Command on a Mac. */
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  repeat: boolean;
  focus: Focus;
}

export interface ShortcutContext {
  /** Single-character shortcuts are switched on. */
  singleKeys: boolean;
  /** The current run is paused. */
  paused: boolean;
  drawerOpen: boolean;
}

/** The element with the focus, as far as shortcuts care. `main`: the landmark that the skip link moves to. */
export function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof HTMLElement || target instanceof SVGElement)) return 'page';
  if (target instanceof HTMLElement && target.isContentEditable) return 'text';
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return 'text';
  // A dialog or menu covers the page: keys belong to it.
  if (target.closest('[role="dialog"], [role="menu"]')) return 'text';
  return target === document.body || target.id === 'main' ? 'page' : 'element';
}

function withCtrl({ key, shift, focus }: KeyPress): ShortcutAction | null {
  switch (key.toLowerCase()) {
    case 's':
      return { do: 'save' };
    case 'o':
      return { do: 'open' };
    case 'z':
      // A text field has an undo of its own.
      return focus === 'text' ? null : { do: shift ? 'redo' : 'undo' };
    case 'y':
      return focus === 'text' ? null : { do: 'redo' };
    default:
      return null;
  }
}

/** The action of a key press, or null where the key is left to the browser and the focused element. */
export function shortcutOf(
  press: KeyPress,
  { singleKeys, paused, drawerOpen }: ShortcutContext,
): ShortcutAction | null {
  if (press.ctrl) return withCtrl(press);
  if (press.alt || press.focus === 'text') return null;
  if (press.key === 'Escape') return drawerOpen ? { do: 'close drawer' } : null;
  if (!singleKeys) return null;
  switch (press.key) {
    case ' ':
      // Space presses a focused button and scrolls a focused table: only without focus is it the page's.
      return press.focus === 'page' && !press.repeat ? { do: 'toggle run' } : null;
    case '.':
      return paused ? { do: 'step' } : null;
    case '?':
      return { do: 'help' };
    default: {
      const tab = /^[1-9]$/.test(press.key) ? TABS[Number(press.key) - 1] : undefined;
      return tab ? { do: 'show tab', tab } : null;
    }
  }
}
