/** Which key press does what, depending on the focus and on whether single-key shortcuts are switched on. */
import { describe, expect, it } from 'vitest';
import { shortcutOf } from './shortcuts.ts';
import type { KeyPress, ShortcutContext } from './shortcuts.ts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrl: false,
  alt: false,
  shift: false,
  repeat: false,
  focus: 'page',
  ...more,
});
const context = (more: Partial<ShortcutContext> = {}): ShortcutContext => ({
  singleKeys: true,
  paused: false,
  drawerOpen: false,
  ...more,
});

describe('shortcuts', () => {
  it('toggle the run by Space only while no element has the focus', () => {
    expect(shortcutOf(press(' '), context())).toEqual({ do: 'toggle run' });
    for (const focus of ['element', 'text'] as const) expect(shortcutOf(press(' ', { focus }), context())).toBeNull();
    expect(shortcutOf(press(' ', { repeat: true }), context())).toBeNull();
  });

  it('of a single key do nothing once they are switched off', () => {
    const off = context({ singleKeys: false, paused: true });
    for (const key of [' ', '.', '?', '1']) {
      expect(shortcutOf(press(key), context({ paused: true }))).not.toBeNull();
      expect(shortcutOf(press(key), off)).toBeNull();
    }
  });

  it('with Ctrl keep working when single keys are switched off', () => {
    const off = context({ singleKeys: false, drawerOpen: true });
    expect(shortcutOf(press('s', { ctrl: true }), off)).toEqual({ do: 'save' });
    expect(shortcutOf(press('Z', { ctrl: true, shift: true }), off)).toEqual({ do: 'redo' });
    expect(shortcutOf(press('Escape'), off)).toEqual({ do: 'close drawer' });
  });

  it('leave undo and typed characters to a text field', () => {
    const text = { focus: 'text' as const };
    expect(shortcutOf(press('z', { ctrl: true, ...text }), context())).toBeNull();
    expect(shortcutOf(press('3', text), context())).toBeNull();
    expect(shortcutOf(press('s', { ctrl: true, ...text }), context())).toEqual({ do: 'save' });
  });

  it('step only a paused run, and number the tabs from one', () => {
    expect(shortcutOf(press('.'), context())).toBeNull();
    expect(shortcutOf(press('.'), context({ paused: true }))).toEqual({ do: 'step' });
    expect(shortcutOf(press('1'), context())).toEqual({ do: 'show tab', tab: 'live' });
    expect(shortcutOf(press('9'), context())).toBeNull();
  });
});
