/** `relu-studio infer`: the client's side of private inference. */
import { shrink } from '../data/resize.ts';
import type { LabelledImages } from '../data/types.ts';
import type { Channel } from '../inference/channel.ts';
import { InferenceClient } from '../inference/client.ts';
import { ChannelClosed } from '../inference/errors.ts';
import { UsageError } from './errors.ts';
import { readOptions, required, wholeNumber } from './options.ts';
import { drawnSize, readDataPaths } from './paths.ts';
import { ProgressLines } from './progress.ts';
import { DEALER_PATH } from './serve.ts';
import { connect } from './webSocket.ts';

export const INFER_HELP = `usage: relu-studio infer --connect ws://HOST:PORT --data PATH… [--images N] [--json]

The client's side of private inference: sends masked images, gets logits. The server is "relu-studio serve".

  --connect URL   the server
  --dealer URL    the dealer that the server was started with; default: the one inside the server
  --data PATH…    CIFAR files, archives or folders (train=PATH and test=PATH name a part); or: synthetic
  --split NAME    test (default) or train
  --images N      the first N images (default 10)
  --batch N       images per pass (default 8): rounds are shared, memory grows
  --mode NAME     ahead: tables are sent before the images are needed; streamed: they are dropped at once.
                  Default: ahead, streamed above 256 MB of tables
  --seed N        seed of the built-in images (default 1)
  --json          one JSON object on standard output: images, classes, logits, bytesSent, bytesReceived, rounds,
                  comparisons, multiplexers, seconds and more; all over all images
`;

/** Attempts to reach a server that does not answer or breaks off, before the command fails. */
const ATTEMPTS = 5;
const PAUSE_MS = 500;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Connection {
  client: InferenceClient;
  channel: Channel;
  dealer: Channel;
}

/** Sums over connections: one that broke counts too. */
class Totals {
  sent = 0;
  received = 0;
  rounds = 0;
  dealer = 0;
  offline = 0;
  online = 0;

  add({ channel, dealer }: Pick<Connection, 'channel' | 'dealer'>): void {
    const { sent, received, rounds } = channel.total();
    this.sent += sent;
    this.received += received;
    this.rounds += rounds;
    this.dealer += dealer.total().received;
  }
}

async function open(address: string, dealerAddress: string): Promise<Connection> {
  const channel = await connect(address);
  let dealer: Channel | null = null;
  try {
    const client = await InferenceClient.connect(channel, async () => {
      dealer = await connect(dealerAddress);
      dealer.enter('offline', 'dealer');
      return dealer;
    });
    return { client, channel, dealer: dealer! };
  } catch (error) {
    channel.close();
    (dealer as Channel | null)?.close();
    throw error;
  }
}

/** The first `count` images as the network takes them, normalised. @throws UsageError where they do not fit */
function normalised(part: LabelledImages, { network }: InferenceClient, count: number): Float64Array {
  const { inputShape } = network.network;
  const factor = part.shape[1] / inputShape[1];
  if (part.shape[0] !== inputShape[0] || !Number.isInteger(factor) || part.shape[2] !== factor * inputShape[2])
    throw new UsageError(
      `The images of --data are ${part.shape.join('×')}, but the network takes ${inputShape.join('×')}.`,
    );
  const first = {
    ...part,
    count,
    images: part.images.subarray(0, count * part.shape[0] * part.shape[1] * part.shape[2]),
  };
  const { images } = factor === 1 ? first : shrink(first, factor);
  const positions = inputShape[1] * inputShape[2];
  return Float64Array.from(images, (byte, i) => {
    const channel = Math.floor(i / positions) % inputShape[0];
    return (byte / 255 - network.mean[channel]) / network.std[channel];
  });
}

/** Runs `work` again on a new connection where the old one broke. */
async function retried<T>(lines: ProgressLines, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ChannelClosed) || attempt === ATTEMPTS) throw error;
      lines.line(`${error.message} Connecting again (${attempt + 1} of ${ATTEMPTS}).`);
      await pause(PAUSE_MS * attempt);
    }
  }
}

export async function infer(args: readonly string[]): Promise<void> {
  const options = readOptions<{
    connect?: string;
    dealer?: string;
    data?: string[];
    split: string;
    images: string;
    batch: string;
    mode?: string;
    seed: string;
    json?: boolean;
  }>('infer', args, {
    connect: { type: 'string' },
    dealer: { type: 'string' },
    data: { type: 'string', multiple: true },
    split: { type: 'string', default: 'test' },
    images: { type: 'string', default: '10' },
    batch: { type: 'string', default: '8' },
    mode: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  });
  const address = required(options.connect, '--connect', 'infer');
  if (!/^wss?:\/\/[^/]/.test(address)) throw new UsageError(`--connect is ws://HOST:PORT, not "${address}".`);
  const dealerAddress = options.dealer ?? address.replace(/\/+$/, '') + DEALER_PATH;
  const wanted = wholeNumber(options.images, '--images');
  const batch = wholeNumber(options.batch, '--batch', 1, 4096);
  const { mode, split } = options;
  if (mode !== undefined && mode !== 'ahead' && mode !== 'streamed')
    throw new UsageError(`--mode is ahead or streamed, not "${mode}".`);
  if (split !== 'test' && split !== 'train') throw new UsageError(`--split is test or train, not "${split}".`);
  if (!options.data?.length) throw new UsageError('--data is missing. See "relu-studio infer --help".');

  const lines = new ProgressLines(process.stderr);
  const totals = new Totals();
  const reach = () => retried(lines, () => open(address, dealerAddress));
  let connection = await reach();
  const data = await readDataPaths(options.data, {
    name: null,
    of: 'run',
    trainImages: wanted,
    testImages: wanted,
    syntheticSeed: wholeNumber(options.seed, '--seed', 0),
    only: split,
    size: drawnSize(connection.client.network.network),
  });
  const part = data[split];
  if (part.count === 0) throw new UsageError(`--data holds no ${split} images.`);
  const count = Math.min(wanted, part.count);
  const pixels = normalised(part, connection.client, count);
  const each = pixels.length / count;
  const { program } = connection.client;

  const logits: number[][] = [];
  const started = performance.now();
  while (logits.length < count) {
    const from = logits.length;
    const size = Math.min(batch, count - from);
    const result = await retried(lines, async () => {
      try {
        return await connection.client.classify(pixels.subarray(from * each, (from + size) * each), { mode });
      } catch (error) {
        if (error instanceof ChannelClosed) {
          totals.add(connection);
          connection = await reach();
        }
        throw error;
      }
    });
    totals.offline += result.seconds.offline;
    totals.online += result.seconds.online;
    for (let i = 0; i < size; i++)
      logits.push(Array.from(result.logits.subarray(i * program.classes, (i + 1) * program.classes)));
    lines.transient(`Classified ${logits.length}/${count}`);
  }
  const seconds = (performance.now() - started) / 1000;
  await connection.client.close();
  totals.add(connection);
  connection.channel.close();
  connection.dealer.close();
  lines.end();

  const classes = logits.map((row) => row.indexOf(Math.max(...row)));
  const right = classes.filter((c, i) => c === part.labels[i]).length;
  const result = {
    images: count,
    classes,
    logits,
    bytesSent: totals.sent,
    bytesReceived: totals.received,
    rounds: totals.rounds,
    comparisons: count * program.comparisons,
    multiplexers: count * program.multiplexers,
    seconds,
    secondsOffline: totals.offline,
    secondsOnline: totals.online,
    dealerBytesReceived: totals.dealer,
    accuracy: right / count,
    layers: connection.channel.traffic,
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(result)}\n`
      : `${count} images, accuracy ${((100 * right) / count).toFixed(2)}%, ${seconds.toFixed(1)} s, ${totals.sent.toLocaleString('en')} bytes sent, ${totals.received.toLocaleString('en')} received, ${totals.rounds} rounds\n`,
  );
}
