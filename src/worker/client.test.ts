/** The worker client against a fake worker: answers, errors, lost workers, cancellation. */
import { describe, expect, it } from 'vitest';
import { RemoteError, WorkerClient, WorkerLostError } from './client.ts';
import type { WorkerLike } from './client.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

/** A worker that answers when the test says so. */
class FakeWorker implements WorkerLike {
  static all: FakeWorker[] = [];
  sent: ToWorker[] = [];
  ended = false;
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  constructor() {
    FakeWorker.all.push(this);
  }
  postMessage(message: ToWorker) {
    this.sent.push(message);
  }
  terminate() {
    this.ended = true;
  }
  say(data: FromWorker) {
    this.onmessage?.({ data } as MessageEvent<FromWorker>);
  }
}

function setup() {
  FakeWorker.all = [];
  const client = new WorkerClient(() => new FakeWorker());
  return { client, worker: FakeWorker.all[0] };
}

describe('WorkerClient', () => {
  it('matches answers to requests by id, in any order', async () => {
    const { client, worker } = setup();
    const data = client.ask({ type: 'data:list' });
    const runs = client.ask({ type: 'runs:list' });
    worker.say({ id: worker.sent[1].id, ok: true, value: ['runs'] });
    worker.say({ id: worker.sent[0].id, ok: true, value: ['data'] });
    await expect(data).resolves.toEqual(['data']);
    await expect(runs).resolves.toEqual(['runs']);
    expect(client.pendingCount).toBe(0);
  });

  it('passes on the name and the message of an error', async () => {
    const { client, worker } = setup();
    const asked = client.ask({ type: 'device' });
    worker.say({ id: worker.sent[0].id, ok: false, error: { name: 'GpuError', message: 'WebGPU is missing here.' } });
    const error = await asked.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ name: 'GpuError', message: 'WebGPU is missing here.' });
  });

  it('fails all pending requests when the device is lost, starts a new worker and reports the loss', async () => {
    const { client, worker } = setup();
    const reasons: string[] = [];
    client.listen({ lost: (reason) => reasons.push(reason) });
    const first = client.ask({ type: 'device' });
    const second = client.ask({ type: 'run:pause' });
    worker.say({ event: 'lost', message: 'The GPU was lost.' });
    await expect(first).rejects.toBeInstanceOf(WorkerLostError);
    await expect(second).rejects.toThrow('The GPU was lost.');
    expect(worker.ended).toBe(true);
    expect(reasons).toEqual(['The GPU was lost.']);

    const fresh = FakeWorker.all[1];
    const again = client.ask({ type: 'device' });
    fresh.say({ id: fresh.sent[0].id, ok: true, value: 'here' });
    await expect(again).resolves.toBe('here');
  });

  it('fails pending requests when the script of the worker throws', async () => {
    const { client, worker } = setup();
    const asked = client.ask({ type: 'runs:list' });
    worker.onerror?.({ message: 'boom', preventDefault() {} } as ErrorEvent);
    await expect(asked).rejects.toThrow('boom');
    expect(FakeWorker.all).toHaveLength(2);
  });

  it('ignores events of a lost worker', () => {
    const { client, worker } = setup();
    const events: unknown[] = [];
    client.listen({ event: (event) => events.push(event) });
    worker.say({ event: 'lost', message: 'gone' });
    worker.say({ event: 'job', type: 'gates:analyse', run: 'r', done: 1, total: 2 });
    expect(events).toEqual([]);
    FakeWorker.all[1].say({ event: 'job', type: 'gates:analyse', run: 'r', done: 1, total: 2 });
    expect(events).toHaveLength(1);
  });

  it('stops starting workers after several were lost without an answer', async () => {
    const { client } = setup();
    let gone = '';
    client.listen({ gone: (reason) => (gone = reason) });
    for (let i = 0; i < 10; i++)
      FakeWorker.all.at(-1)!.onerror?.({ message: 'missing script', preventDefault() {} } as ErrorEvent);
    expect(FakeWorker.all).toHaveLength(4);
    expect(gone).toBe('missing script');
    await expect(client.ask({ type: 'device' })).rejects.toThrow('reload the page');
  });

  it('sends a cancel request when the signal is aborted', async () => {
    const { client, worker } = setup();
    const controller = new AbortController();
    const asked = client.ask({ type: 'data:import', files: [] }, controller.signal);
    controller.abort();
    expect(worker.sent[1].request).toEqual({ type: 'cancel', id: worker.sent[0].id });
    worker.say({ id: worker.sent[0].id, ok: false, error: { name: 'CancelledError', message: 'Cancelled.' } });
    await expect(asked).rejects.toMatchObject({ name: 'CancelledError' });
  });
});
