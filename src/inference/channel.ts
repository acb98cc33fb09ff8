/**
 * The only thing the parties share: a channel of framed messages, with counters.
 *
 *   frame   kind (1) | 3 zero bytes | sequence (4) | length (4) | CRC-32 of all else (4) | payload, little-endian
 *
 * The checksum and the sequence number name every flipped bit, lost or repeated frame that happens by accident. They do not stop an
 * attacker on the wire, who can recompute them: run over TLS where the network is not trusted.
 *
 * Counted by phase and layer: bytes of whole frames, and rounds. A round is one wait for the other party after something was sent to
 * it, so that rounds times the round-trip time is what the network's latency costs the party that counts.
 */
import { ChannelClosed, FrameError, ProtocolError } from './errors.ts';

/** Moves whole byte messages in order: a WebSocket, a MessagePort, or two queues in a test. */
export interface Transport {
  send(message: Uint8Array<ArrayBuffer>): Promise<void> | void;
  /** The next message. Rejects with ChannelClosed at the end. */
  receive(): Promise<Uint8Array>;
  close(): void;
}

export type PhaseName = 'setup' | 'offline' | 'online';

export interface Traffic {
  phase: PhaseName;
  layer: string;
  sent: number;
  received: number;
  rounds: number;
  /** Between entering this phase and layer and the next. */
  seconds: number;
}

const HEADER = 16;
const DATA = 1;
const JSON_TEXT = 2;
const FAILURE = 3;
/** Longest payload: longer vectors go in several frames. */
const LONGEST = 1 << 22;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/** CRC-32 as in zip and PNG. */
export function crc32(parts: readonly Uint8Array[]): number {
  let c = 0xffffffff;
  for (const bytes of parts) for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes[i]) & 255] ^ (c >>> 8);
  return ~c >>> 0;
}

const bytesOf = (data: Uint8Array | Uint32Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

export class Channel {
  readonly traffic: Traffic[] = [];
  #now: Traffic = { phase: 'setup', layer: '', sent: 0, received: 0, rounds: 0, seconds: 0 };
  #since = performance.now();
  #sentSince = false;
  #outgoing = 0;
  #incoming = 0;

  constructor(
    readonly transport: Transport,
    readonly onTraffic: (traffic: Traffic) => void = () => {},
  ) {}

  /** What follows is counted here. */
  enter(phase: PhaseName, layer: string): void {
    const now = performance.now();
    this.#now.seconds += (now - this.#since) / 1000;
    this.#since = now;
    const known = this.traffic.find((entry) => entry.phase === phase && entry.layer === layer);
    this.#now = known ?? { phase, layer, sent: 0, received: 0, rounds: 0, seconds: 0 };
    if (!known) this.traffic.push(this.#now);
  }

  total(): { sent: number; received: number; rounds: number } {
    const sum = (key: 'sent' | 'received' | 'rounds') => this.traffic.reduce((total, entry) => total + entry[key], 0);
    return { sent: sum('sent'), received: sum('received'), rounds: sum('rounds') };
  }

  async send(data: Uint8Array | Uint32Array): Promise<void> {
    const bytes = bytesOf(data);
    for (let from = 0; from === 0 || from < bytes.length; from += LONGEST)
      await this.#frame(DATA, bytes.subarray(from, from + LONGEST));
  }

  sendJson(value: unknown): Promise<void> {
    return this.#frame(JSON_TEXT, new TextEncoder().encode(JSON.stringify(value)));
  }

  /** Tells the other party in one sentence why this one gives up. */
  sendFailure(message: string): Promise<void> {
    return this.#frame(FAILURE, new TextEncoder().encode(message));
  }

  async #frame(kind: number, payload: Uint8Array): Promise<void> {
    const frame = new Uint8Array(HEADER + payload.length);
    const view = new DataView(frame.buffer);
    view.setUint32(0, kind, true);
    view.setUint32(4, this.#outgoing++, true);
    view.setUint32(8, payload.length, true);
    frame.set(payload, HEADER);
    view.setUint32(12, crc32([frame.subarray(0, 12), payload]), true);
    this.#now.sent += frame.length;
    this.#sentSince = true;
    this.onTraffic(this.#now);
    await this.transport.send(frame);
  }

  async #receive(expected: number): Promise<Uint8Array> {
    const frame = await this.transport.receive();
    this.#now.received += frame.length;
    if (this.#sentSince) this.#now.rounds++;
    this.#sentSince = false;
    this.onTraffic(this.#now);
    if (frame.length < HEADER) throw new FrameError(`A frame of ${frame.length} bytes is shorter than its header.`);
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const payload = frame.subarray(HEADER);
    const sequence = this.#incoming++;
    if (view.getUint32(12, true) !== crc32([frame.subarray(0, 12), payload]))
      throw new FrameError(`Frame ${sequence} was damaged on the way: its checksum does not fit its bytes.`);
    if (view.getUint32(4, true) !== sequence)
      throw new FrameError(`Frame ${view.getUint32(4, true)} came where frame ${sequence} was due.`);
    if (view.getUint32(8, true) !== payload.length)
      throw new FrameError(`Frame ${sequence} announces ${view.getUint32(8, true)} bytes and has ${payload.length}.`);
    const kind = view.getUint32(0, true);
    if (kind === FAILURE) throw new ProtocolError(`The other party stopped: ${new TextDecoder().decode(payload)}`);
    if (kind !== expected) throw new ProtocolError(`A frame of kind ${kind} came where kind ${expected} was due.`);
    return payload;
  }

  /** Exactly `length` bytes, from as many frames as the sender needed. */
  async bytes(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const result = new Uint8Array(length);
    for (let from = 0; from === 0 || from < length;) {
      const part = await this.#receive(DATA);
      if (part.length !== Math.min(LONGEST, length - from))
        throw new ProtocolError(`${Math.min(LONGEST, length - from)} bytes were due, but ${part.length} came.`);
      result.set(part, from);
      from += Math.max(part.length, 1);
    }
    return result;
  }

  async words(count: number): Promise<Uint32Array<ArrayBuffer>> {
    return new Uint32Array((await this.bytes(4 * count)).buffer);
  }

  /** Parsed but unchecked: the caller holds the schema. */
  async json(): Promise<unknown> {
    const text = new TextDecoder().decode(await this.#receive(JSON_TEXT));
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new ProtocolError('The other party sent text that is not JSON.', { cause });
    }
  }

  close(): void {
    this.transport.close();
  }
}

/** A queue of received messages, for transports that are told of them by events. */
export class Inbox {
  readonly #messages: Uint8Array[] = [];
  #waiting: { resolve: (message: Uint8Array) => void; reject: (error: Error) => void } | null = null;
  #end: Error | null = null;

  put(message: Uint8Array): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting) waiting.resolve(message);
    else if (!this.#end) this.#messages.push(message);
  }

  end(error: Error = new ChannelClosed('The other party closed the connection.')): void {
    this.#end ??= error;
    this.#waiting?.reject(this.#end);
    this.#waiting = null;
  }

  take(): Promise<Uint8Array> {
    const message = this.#messages.shift();
    if (message) return Promise.resolve(message);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}

/** Two transports whose ends are each other, in one process. */
export function pipe(): [Transport, Transport] {
  const inboxes = [new Inbox(), new Inbox()];
  const end = (own: Inbox, other: Inbox): Transport => ({
    send: (message) => other.put(message),
    receive: () => own.take(),
    close: () => inboxes.forEach((inbox) => inbox.end()),
  });
  return [end(inboxes[0], inboxes[1]), end(inboxes[1], inboxes[0])];
}
