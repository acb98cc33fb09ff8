/** WebSockets (npm `ws`) as the transport of private inference, on either side. */
import { WebSocket } from 'ws';
import { Channel, Inbox } from '../inference/channel.ts';
import type { Transport } from '../inference/channel.ts';
import { ChannelClosed } from '../inference/errors.ts';

/** Longest message accepted: one frame of the protocol, with a margin. */
export const LONGEST_MESSAGE = 5 * 2 ** 20;
/** Bytes queued for the network above which sending waits. */
const QUEUE_LIMIT = 16 * 2 ** 20;

export function transportOf(socket: WebSocket): Transport {
  const inbox = new Inbox();
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: Buffer) => inbox.put(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  socket.on('close', () => inbox.end());
  socket.on('error', (cause) => inbox.end(new ChannelClosed(`The connection broke: ${cause.message}.`, { cause })));
  return {
    send: (message) =>
      new Promise((resolve, reject) => {
        const failed = (cause: Error) => reject(new ChannelClosed('The other party closed the connection.', { cause }));
        const waits = socket.bufferedAmount > QUEUE_LIMIT;
        socket.send(message, (cause) => (cause ? failed(cause) : waits && resolve()));
        if (!waits) resolve();
      }),
    receive: () => inbox.take(),
    close: () => socket.close(),
  };
}

/** @throws ChannelClosed where nothing answers there */
export function connect(address: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, { maxPayload: LONGEST_MESSAGE, perMessageDeflate: false });
    // The transport listens before the socket opens: nothing that comes at once is lost.
    const transport = transportOf(socket);
    socket.once('open', () => resolve(new Channel(transport)));
    socket.once('error', (cause) =>
      reject(new ChannelClosed(`${address} cannot be reached: ${cause.message}.`, { cause })),
    );
  });
}
