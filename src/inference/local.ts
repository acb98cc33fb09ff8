/**
 * Both parties and the dealer in one process, joined by pipes: for tests and the benchmark.
 */
import { Channel, pipe } from './channel.ts';
import type { Transport } from './channel.ts';
import { InferenceClient } from './client.ts';
import { dealOnce } from './dealer.ts';
import { serveSession } from './server.ts';
import type { ServerModel } from './server.ts';
import type { SessionHooks } from './session.ts';

export interface LocalOptions {
  clientHooks?: SessionHooks;
  serverHooks?: SessionHooks;
  /** Stands between the parties, as a network does. */
  wire?: (ends: [client: Transport, server: Transport]) => [Transport, Transport];
}

export async function connectLocally(model: ServerModel, options: LocalOptions = {}) {
  const [clientEnd, serverEnd] = (options.wire ?? ((ends) => ends))(pipe());
  const [clientDoor, dealerForClient] = pipe();
  const [serverDoor, dealerForServer] = pipe();
  const dealing = dealOnce(new Channel(dealerForServer), new Channel(dealerForClient));
  const clientChannel = new Channel(clientEnd);
  const serverChannel = new Channel(serverEnd);
  const served = serveSession(
    serverChannel,
    () => Promise.resolve(new Channel(serverDoor)),
    model,
    options.serverHooks,
  );
  // Whoever fails closes the channel, so that the other does not wait for ever.
  const closing = (promise: Promise<unknown>) =>
    promise.catch(() => [clientEnd, clientDoor, serverDoor].forEach((end) => end.close()));
  void closing(dealing);
  void closing(served);
  const client = await InferenceClient.connect(
    clientChannel,
    () => Promise.resolve(new Channel(clientDoor)),
    options.clientHooks,
  );
  return { client, clientChannel, serverChannel, served };
}
