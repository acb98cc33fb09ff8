/** Short messages in the corner: what went wrong where there is no better place for it, and what can be undone. */
import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { OfferMessage } from './parts/OfferMessage.tsx';

/** The sentence that an error carries. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An error with the sentence that it carries. Asking twice for the same thing shows it once. */
export function tellError(title: string, error: unknown): void {
  const message = messageOf(error);
  if (error instanceof Error && error.name === 'CancelledError') return;
  notifications.show({ id: `${title}${message}`, title, message, color: 'red', autoClose: 12_000, withBorder: true });
}

export function tellNote(title: string, message = ''): void {
  notifications.show({ id: `${title}${message}`, title, message, autoClose: 6000, withBorder: true });
}

/** "Removed X. Undo": dangerous acts are undone instead of being asked about. */
export const offerUndo = (message: string, undo: () => void): void => offer(message, 'Undo', undo);

/** A message with one thing to do about it. */
export function offer(message: string, verb: string, act: () => void): void {
  const id = `offer-${message}-${Date.now()}`;
  notifications.show({
    id,
    withBorder: true,
    autoClose: 12_000,
    message: createElement(OfferMessage, {
      message,
      verb,
      onAct: () => {
        notifications.hide(id);
        act();
      },
    }),
  });
}
