/**
 * The page's side of the worker: typed requests with ids, events, and recovery from a lost worker.
 *
 * A worker is lost when its script throws outside of a request, or when it reports that its device was lost (tfjs cannot open a
 * second one in the same thread). All pending requests then fail with WorkerLostError, a new worker is started at once, and the
 * listeners to `lost` decide what to resume.
 */
import type { Answers, FromWorker, Request, RequestOf, ToWorker } from './protocol.ts';

/** The worker was lost before it answered; the request can be sent again. */
export class WorkerLostError extends Error {
  override readonly name = 'WorkerLostError';
}

/** An error that happened in the worker, with the name it had there. */
export class RemoteError extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** The part of Worker that the client uses, so that tests can replace it. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

export type WorkerEvent = Extract<FromWorker, { event: 'run' | 'data' | 'job' }>;

export interface ClientListener {
  event?(event: WorkerEvent): void;
  /** The worker was lost and a new one was started. */
  lost?(reason: string): void;
  /** Several workers were lost without an answer: no more are started. */
  gone?(reason: string): void;
}

/** Workers that may be lost in a row before the client stops. */
const MAX_LOST = 3;

interface Pending {
  type: Request['type'];
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class WorkerClient {
  private worker: WorkerLike;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private readonly listeners = new Set<ClientListener>();
  private closed = false;
  /** Workers lost without an answer between them. */
  private lostInARow = 0;

  constructor(private readonly start: () => WorkerLike) {
    this.worker = this.attach();
  }

  private attach(): WorkerLike {
    const worker = this.start();
    worker.onmessage = ({ data }) => this.receive(worker, data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.lose(worker, event.message || 'The worker could not be loaded.');
    };
    worker.onmessageerror = () => this.lose(worker, 'A message from the worker could not be read.');
    return worker;
  }

  private receive(worker: WorkerLike, message: FromWorker): void {
    if (worker !== this.worker) return;
    if ('event' in message) {
      if (message.event === 'lost') this.lose(worker, message.message);
      else for (const listener of this.listeners) listener.event?.(message);
      return;
    }
    const pending = this.pending.get(message.id);
    if (!pending) return;
    this.pending.delete(message.id);
    this.lostInARow = 0;
    if (message.ok) pending.resolve(message.value);
    else pending.reject(new RemoteError(message.error.name, message.error.message));
  }

  private lose(worker: WorkerLike, reason: string): void {
    if (worker !== this.worker || this.closed) return;
    worker.terminate();
    const unanswered = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of unanswered) reject(new WorkerLostError(reason));
    if (++this.lostInARow > MAX_LOST) {
      this.closed = true;
      for (const listener of this.listeners) listener.gone?.(reason);
      return;
    }
    this.worker = this.attach();
    for (const listener of this.listeners) listener.lost?.(reason);
  }

  /**
   * Sends a request to the worker. Aborting `signal` cancels it: it then fails with a CancelledError unless it was finished before.
   * @throws RemoteError with the worker's message; WorkerLostError where the worker was lost
   */
  ask<T extends Request['type']>(request: RequestOf<T>, signal?: AbortSignal): Promise<Answers[T]> {
    if (this.closed) return Promise.reject(new WorkerLostError('The training worker does not start: reload the page.'));
    const id = this.nextId++;
    return new Promise<Answers[T]>((resolve, reject) => {
      const cancel = () => this.worker.postMessage({ id: this.nextId++, request: { type: 'cancel', id } });
      const settle = () => signal?.removeEventListener('abort', cancel);
      this.pending.set(id, {
        type: request.type,
        resolve: (value) => {
          settle();
          resolve(value as Answers[T]);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.worker.postMessage({ id, request });
      if (signal?.aborted) cancel();
      else signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** @returns the function that removes the listener */
  listen(listener: ClientListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Number of requests without an answer. */
  get pendingCount(): number {
    return this.pending.size;
  }

  close(): void {
    this.closed = true;
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(new WorkerLostError('The worker was closed.'));
    this.pending.clear();
  }
}

/** A client with a real worker. */
export const startWorker = (): WorkerClient =>
  new WorkerClient(
    () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'relu-studio' }) as WorkerLike,
  );
