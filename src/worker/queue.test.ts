/** The serial queue. */
import { describe, expect, it } from 'vitest';
import { CancelledError, SerialQueue } from './queue.ts';

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('SerialQueue', () => {
  it('never runs two jobs at once and keeps their order', async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    let running = 0;
    const job = (name: string, ms: number) => async () => {
      expect(++running).toBe(1);
      await later(ms);
      running--;
      log.push(name);
    };
    await Promise.all([queue.add(job('slow', 20)), queue.add(job('fast', 1)), queue.add(job('last', 5))]);
    expect(log).toEqual(['slow', 'fast', 'last']);
    expect(queue.length).toBe(0);
  });

  it('continues after a failed job, whose error only its caller gets', async () => {
    const queue = new SerialQueue();
    const failed = queue.add(() => Promise.reject(new Error('no')));
    const next = queue.add(() => 7);
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe(7);
  });

  it('does not start a job that was cancelled while it waited', async () => {
    const queue = new SerialQueue();
    const controller = new AbortController();
    let ran = false;
    const first = queue.add(() => later(10));
    const second = queue.add(() => void (ran = true), controller.signal);
    controller.abort();
    await first;
    await expect(second).rejects.toBeInstanceOf(CancelledError);
    expect(ran).toBe(false);
  });
});
