/** Notifications: errors that have no better place, and offers to undo. */
import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { OfferMessage } from './parts/OfferMessage.tsx';

/** The message of an error. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Every notification has a border, and a name for the button that closes it. */
const show = (notification: Parameters<typeof notifications.show>[0]): string =>
  notifications.show({ withBorder: true, closeButtonProps: { 'aria-label': 'Close notification' }, ...notification });

/** Shows an error with its message; the same error is shown once. */
export function tellError(title: string, error: unknown): void {
  const message = messageOf(error);
  if (error instanceof Error && error.name === 'CancelledError') return;
  show({ id: `${title}${message}`, title, message, color: 'red', autoClose: 12_000 });
}

export function tellNote(title: string, message = ''): void {
  show({ id: `${title}${message}`, title, message, autoClose: 6000 });
}

/** "Removed X. Undo": instead of a confirmation before the action. */
export const offerUndo = (message: string, undo: () => void): void => offer(message, 'Undo', undo);

/** A message with one action. */
export function offer(message: string, verb: string, act: () => void): void {
  const id = `offer-${message}-${Date.now()}`;
  show({
    id,
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
