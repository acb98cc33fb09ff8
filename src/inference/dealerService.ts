/**
 * A dealer for many sessions: pairs the two parties that name the same session and serves each pair.
 */
import type { Channel } from './channel.ts';
import { deal, readParty } from './dealer.ts';
import type { PartyHello } from './dealer.ts';
import { ProtocolError } from './errors.ts';

/** Milliseconds that a party waits for the other. */
const PARTNER_MS = 60_000;

interface Waiting {
  channel: Channel;
  hello: PartyHello;
  paired: (ended: Promise<void>) => void;
}

export class DealerService {
  readonly #waiting = new Map<string, Waiting>();

  /** @throws ProtocolError where the party's partner does not come or has the same role */
  async accept(channel: Channel): Promise<void> {
    const hello = await readParty(channel);
    const partner = this.#waiting.get(hello.session);
    if (!partner) return this.#wait(channel, hello);
    this.#waiting.delete(hello.session);
    const [server, client] = hello.role === 'server' ? [{ channel, hello }, partner] : [partner, { channel, hello }];
    if (server.hello.role !== 'server' || client.hello.role !== 'client') {
      const error = new ProtocolError(`Two parties of session ${hello.session} have the same role.`);
      partner.paired(Promise.reject(error));
      throw error;
    }
    const ended = deal(server.channel, client.channel, server.hello.correlations);
    partner.paired(ended);
    return ended;
  }

  async #wait(channel: Channel, hello: PartyHello): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ended = await new Promise<{ session: Promise<void> }>((resolve, reject) => {
      timer = setTimeout(() => {
        this.#waiting.delete(hello.session);
        reject(new ProtocolError(`The other party of session ${hello.session} did not reach the dealer.`));
      }, PARTNER_MS);
      this.#waiting.set(hello.session, { channel, hello, paired: (session) => resolve({ session }) });
    }).finally(() => clearTimeout(timer));
    return ended.session;
  }
}
