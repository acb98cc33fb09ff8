/**
 * The page's side of the worker: typed requests with ids, events, and what happens when a worker dies.
 *
 * A worker ends when its script throws outside any request, or when it says that its device is lost (tfjs cannot open a second
 * one in the same thread). Everything asked and not answered then fails with WorkerLostError, a fresh worker is started at once,
 * and whoever listens to `lost` decides what to take up again.
 */
import type { Answers, FromWorker, Request, RequestOf, ToWorker } from './protocol.ts';

/** The worker ended before it answered; the work can be asked for again. */
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

/** The part of Worker that the client uses, so that tests can stand in for it. */
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
  /** The worker died and a fresh one stands ready. */
  lost?(reason: string): void;
  /** Workers keep dying before they answer anything: no more are started. */
  gone?(reason: string): void;
}

/** Fresh workers tried before giving up. */
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
  /** Workers lost one after the other without a single answer between them. */
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
   * Asks the worker. Aborting `signal` asks it to give up; the answer is then a CancelledError unless it was done first.
   * @throws RemoteError with the worker's sentence; WorkerLostError where the worker died.
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

  /** Returns the function that stops listening. */
  listen(listener: ClientListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Requests not answered yet. */
  get waiting(): number {
    return this.pending.size;
  }

  close(): void {
    this.closed = true;
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(new WorkerLostError('The worker was closed.'));
    this.pending.clear();
  }
}

/** The client on the real worker. */
export const startWorker = (): WorkerClient =>
  new WorkerClient(
    () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'relu-studio' }) as WorkerLike,
  );
