/** The page's connection to its worker (worker/client.ts): opened once, used by every module that sends requests. */
import { startWorker, WorkerLostError } from '../worker/client.ts';
import type { ClientListener, WorkerClient } from '../worker/client.ts';
import type { Answers, Request, RequestOf } from '../worker/protocol.ts';

let client: WorkerClient | null = null;

/** Starts the worker. @returns the function that ends it */
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
 * Sends a request to the worker; aborting `signal` cancels it.
 * @throws RemoteError with the worker's message; WorkerLostError where the worker was lost.
 */
export function ask<T extends Request['type']>(request: RequestOf<T>, signal?: AbortSignal): Promise<Answers[T]> {
  if (!client) return Promise.reject(new WorkerLostError('The page is not connected to its worker yet.'));
  return client.ask<T>(request, signal);
}
