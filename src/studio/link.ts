/** The page's one line to its worker (worker/client.ts): opened once, asked by every room, listened to for what it tells unasked. */
import { startWorker, WorkerLostError } from '../worker/client.ts';
import type { ClientListener, WorkerClient } from '../worker/client.ts';
import type { Answers, Request, RequestOf } from '../worker/protocol.ts';

let client: WorkerClient | null = null;

/** Starts the worker. Returns the function that ends it. */
export function openLink(listener: ClientListener): () => void {
  const opened = startWorker();
  client = opened;
  opened.listen(listener);
  return () => {
    opened.close();
    if (client === opened) client = null;
  };
}

/**
 * Asks the worker; aborting `signal` asks it to give up.
 * @throws RemoteError with the worker's sentence; WorkerLostError where the worker died.
 */
export function ask<T extends Request['type']>(request: RequestOf<T>, signal?: AbortSignal): Promise<Answers[T]> {
  if (!client) return Promise.reject(new WorkerLostError('The page is not connected to its worker yet.'));
  return client.ask<T>(request, signal);
}
