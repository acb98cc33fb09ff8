/**
 * One party of private inference in the page: client, server, dealer, or the reference that computes in the clear. The page says which
 * and gives it its ports; parties share nothing else.
 */
import { Channel } from '../../inference/channel.ts';
import type { Traffic } from '../../inference/channel.ts';
import { InferenceClient } from '../../inference/client.ts';
import { dealOnce } from '../../inference/dealer.ts';
import { compile } from '../../inference/program.ts';
import { runFixed, runFloat } from '../../inference/plain.ts';
import { serveSession } from '../../inference/server.ts';
import type { SessionHooks } from '../../inference/session.ts';
import { loadModel, pixelsOf } from './loadModel.ts';
import type { FromParty, PartyRole, ToParty } from './messages.ts';
import { portTransport } from './portTransport.ts';

type Post = (message: FromParty) => void;

const BINS = 64;
const PROGRESS_MS = 100;

/** Which of 64 equal ranges each 64-bit share lies in. */
function histogram(shares: Uint32Array): number[] {
  const bins = Array.from({ length: BINS }, () => 0);
  for (let i = 1; i < shares.length; i += 2) bins[shares[i] >>> 26]++;
  return bins;
}

function hooksOf(role: PartyRole, post: Post): SessionHooks {
  return {
    onShares: (layer, shares) =>
      post({ type: 'shares', role, shares: { layer, bins: histogram(shares), values: shares.length / 2 } }),
  };
}

/** A channel that tells the page how far it is, some times a second. */
function watched(role: PartyRole, post: Post, ...args: Parameters<typeof portTransport>): Channel {
  let last = 0;
  const channel: Channel = new Channel(portTransport(...args), ({ phase, layer }: Traffic) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS) return;
    last = now;
    post({ type: 'progress', role, phase, layer, ...channel.total() });
  });
  return channel;
}

const rowsOf = (values: Float64Array, classes: number): number[][] =>
  Array.from({ length: values.length / classes }, (_, i) =>
    Array.from(values.subarray(i * classes, (i + 1) * classes)),
  );

async function runClient(
  { server, dealer, wire, images }: Extract<ToParty, { type: 'client' }>,
  post: Post,
): Promise<void> {
  const channel = watched('client', post, server, wire && { mbps: wire.downloadMbps, latencyMs: wire.roundTripMs / 2 });
  const toDealer = new Channel(portTransport(dealer, null));
  toDealer.enter('offline', 'dealer');
  const client = await InferenceClient.connect(channel, () => Promise.resolve(toDealer), hooksOf('client', post));
  const { logits, seconds, mode } = await client.classify(pixelsOf(images, client.network));
  await client.close();
  const { comparisons, multiplexers, squares, classes } = client.program;
  post({ type: 'progress', role: 'client', phase: 'done', layer: '', ...channel.total() });
  post({
    type: 'result',
    result: {
      logits: rowsOf(logits, classes),
      traffic: channel.traffic,
      comparisons,
      multiplexers,
      squares,
      seconds,
      dealerBytes: toDealer.total().received,
      mode,
    },
  });
}

async function runServer(
  { client, dealer, wire, masks, weights }: Extract<ToParty, { type: 'server' }>,
  post: Post,
): Promise<void> {
  const channel = watched('server', post, client, wire && { mbps: wire.uploadMbps, latencyMs: wire.roundTripMs / 2 });
  try {
    const model = loadModel(masks, weights);
    await serveSession(
      channel,
      () => Promise.resolve(new Channel(portTransport(dealer, null))),
      model,
      hooksOf('server', post),
    );
  } catch (error) {
    await channel.sendFailure(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

function runReference({ masks, weights, images }: Extract<ToParty, { type: 'reference' }>, post: Post): void {
  const model = loadModel(masks, weights);
  const program = compile(model.network);
  const pixels = pixelsOf(images, model.network);
  const { logits, largest } = runFloat(program, model.weights, pixels);
  const fixed = rowsOf(runFixed(program, model.weights, pixels), program.classes);
  post({ type: 'reference', result: { fixed, float: rowsOf(logits, program.classes), largest } });
}

/** Does one party's work to its end; whatever goes wrong is told as a message. */
export async function runParty(message: ToParty, post: Post): Promise<void> {
  try {
    if (message.type === 'client') await runClient(message, post);
    else if (message.type === 'server') await runServer(message, post);
    else if (message.type === 'dealer')
      await dealOnce(
        new Channel(portTransport(message.server, null)),
        new Channel(portTransport(message.client, null)),
      );
    else runReference(message, post);
    if (message.type !== 'reference') post({ type: 'ended', role: message.type });
  } catch (error) {
    post({ type: 'failed', role: message.type, message: error instanceof Error ? error.message : String(error) });
  }
}
