/** The worker: takes requests, hands each to its room, answers once. It decides nothing itself. */
import { probe } from './probe.ts';
import type { Answers, FromWorker, Request, RequestOf, ToWorker } from './protocol.ts';

type Handlers = { [T in Request['type']]?: (request: RequestOf<T>, signal: AbortSignal) => Promise<Answers[T]> | Answers[T] };

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });

const handlers: Handlers = {
  device: () => probe(navigator),
  'data:list': () => [],
  'runs:list': () => [],
};

async function answer({ id, request }: ToWorker): Promise<void> {
  try {
    const handler = handlers[request.type] as ((request: Request, signal: AbortSignal) => unknown) | undefined;
    if (!handler) throw new Error(`The worker does not know ${request.type}.`);
    post({ id, ok: true, value: await handler(request, new AbortController().signal) });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    post({ id, ok: false, error: { name, message } });
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => void answer(data);
