/**
 * A MessagePort as the transport between two parties, slowed down as a network would be: what arrives waits until its bytes have
 * passed the given bandwidth one after the other, and half a round trip more.
 */
import { Inbox } from '../../inference/channel.ts';
import type { Transport } from '../../inference/channel.ts';

export interface Delay {
  /** Megabits per second towards this end. */
  mbps: number;
  /** One way, milliseconds. */
  latencyMs: number;
}

export function portTransport(port: MessagePort, delay: Delay | null): Transport {
  const inbox = new Inbox();
  let busyUntil = 0;
  port.onmessage = ({ data }: MessageEvent<Uint8Array | null>) => {
    if (data === null) {
      inbox.end();
      return;
    }
    if (delay === null) {
      inbox.put(data);
      return;
    }
    const now = performance.now();
    busyUntil = Math.max(now, busyUntil) + (data.length * 8) / (delay.mbps * 1000);
    setTimeout(() => inbox.put(data), busyUntil + delay.latencyMs - now);
  };
  return {
    send: (message) => port.postMessage(message, [message.buffer]),
    receive: () => inbox.take(),
    close: () => {
      port.postMessage(null);
      inbox.end();
    },
  };
}
