/**
 * Speed of private inference on this machine. Rates are per second of one core: `node scripts/run.mjs bench/inference/main.ts [RUN-FOLDER]`.
 *
 * 1,000,000 comparators on random shares, garbled and evaluated in chunks, every output checked against plain addition; then OT
 * extension; then one whole inference, of a ResNet-18 of base width 8 with 15,000 DReLUs by default, or of a finished run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sitesOf } from '../../src/domain/network.ts';
import type { NetworkSpec } from '../../src/domain/network.ts';
import { mulberry32 } from '../../src/domain/random.ts';
import { activeLabels, evaluate, garble } from '../../src/inference/comparator.ts';
import { LabelHash } from '../../src/inference/labelHash.ts';
import { connectLocally } from '../../src/inference/local.ts';
import { runFixed, runFloat } from '../../src/inference/plain.ts';
import { randomSeed, RandomStream } from '../../src/inference/randomness.ts';
import type { ServerModel } from '../../src/inference/server.ts';
import { modelOf, randomImages } from '../../src/inference/testing.ts';
import { ExtensionReceiver, ExtensionSender } from '../../src/inference/transferExtension.ts';
import { loadModel } from '../../src/worker/inference/loadModel.ts';

const COMPARATORS = 1_000_000;
const CHUNK = 4096;
const TRANSFERS = 1 << 18;
const DRELUS = 15_000;

const say = (line: string) => process.stdout.write(`${line}\n`);
/** Milliseconds of processor time: what other processes take does not count. */
const now = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const rate = (count: number, ms: number) => `${Math.round((count / ms) * 1000).toLocaleString('en')}/s`;

function comparators(): void {
  const hash = new LabelHash(randomSeed().slice(0, 16));
  const random = new RandomStream(randomSeed());
  const offset = random.words(4);
  offset[0] |= 1;
  let garbling = 0;
  let evaluating = 0;
  let wrong = 0;
  for (let first = 0; first < COMPARATORS; first += CHUNK) {
    const n = Math.min(CHUNK, COMPARATORS - first);
    const [zeroA, zeroB] = [random.words(128 * n), random.words(128 * n)];
    const [a, b] = [random.words(n), random.words(n)];
    const start = now();
    const { tables, colours } = garble(hash, offset, zeroA, zeroB, n, first);
    garbling += now() - start;
    const [labelsA, labelsB] = [activeLabels(zeroA, offset, a), activeLabels(zeroB, offset, b)];
    const middle = now();
    const result = evaluate(hash, tables, labelsA, labelsB, n, first);
    evaluating += now() - middle;
    for (let j = 0; j < n; j++) if ((result[j] ^ colours[j]) !== ((a[j] + b[j]) >>> 0) >>> 31) wrong++;
  }
  say(
    `${COMPARATORS.toLocaleString('en')} comparators: ${rate(COMPARATORS, garbling)} garbled, ${rate(COMPARATORS, evaluating)} evaluated, ${wrong} wrong`,
  );
}

function transfers(): void {
  const offset = new RandomStream(randomSeed()).words(4);
  const keys = Array.from({ length: 128 }, () => [randomSeed(), randomSeed()] as [Uint8Array, Uint8Array]);
  const receiver = new ExtensionReceiver(keys);
  const sender = new ExtensionSender(
    offset,
    keys.map((pair, i) => pair[(offset[i >> 5] >>> (i & 31)) & 1]),
  );
  const start = now();
  const { message } = receiver.choose(TRANSFERS, new Uint32Array(TRANSFERS / 32));
  const middle = now();
  sender.rows(TRANSFERS, message);
  say(`OT extension: receiver ${rate(TRANSFERS, middle - start)}, sender ${rate(TRANSFERS, now() - middle)}`);
}

/** ResNet-18 of base width 8 with random weights, and 15,000 DReLUs kept at random. */
function defaultModel(): ServerModel {
  const network: NetworkSpec = {
    family: 'cifar-resnet',
    blocks: [2, 2, 2, 2],
    widths: [8, 16, 32, 64],
    stemGate: false,
    inputShape: [3, 32, 32],
    classes: 10,
  };
  const sites = sitesOf(network);
  const sizes = sites.map(({ shape }) => shape[0] * shape[1] * shape[2]);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const next = mulberry32(1);
  // Selection sampling: exactly DRELUS of all neurons (Knuth, TAOCP 2, algorithm 3.4.2 S).
  let left = all;
  let wanted = DRELUS;
  const kept = sizes.map((size) =>
    Uint8Array.from({ length: size }, () => {
      const chosen = next() * left-- < wanted;
      if (chosen) wanted--;
      return chosen ? 1 : 0;
    }),
  );
  const gates = Object.fromEntries(
    sites.map(({ id }) => [id, { kind: 'mask' as const, granularity: 'pixel' as const }]),
  );
  const trained = Object.fromEntries(sites.map(({ id }, i) => [id, { kept: kept[i] }]));
  return modelOf(network, gates, trained);
}

async function inference(model: ServerModel): Promise<void> {
  const images = randomImages(model.network.network, 1);
  const start = performance.now();
  const { client, clientChannel } = await connectLocally(model);
  const setup = (performance.now() - start) / 1000;
  for (const mode of ['ahead', 'streamed'] as const) {
    const before = clientChannel.total();
    const result = await client.classify(images, { mode });
    const after = clientChannel.total();
    const fixed = runFixed(client.program, model.weights, images);
    const error = Math.max(...result.logits.map((logit, i) => Math.abs(logit - fixed[i])));
    const { logits } = runFloat(client.program, model.weights, images);
    const toFloat = Math.max(...result.logits.map((logit, i) => Math.abs(logit - logits[i])));
    say(
      `one image, ${client.program.comparisons.toLocaleString('en')} DReLUs, ${client.program.multiplexers.toLocaleString('en')} multiplexers, ${mode}: ` +
        `offline ${result.seconds.offline.toFixed(2)} s, online ${result.seconds.online.toFixed(2)} s, ` +
        `${((after.sent - before.sent) / 1e6).toFixed(2)} MB up, ${((after.received - before.received) / 1e6).toFixed(2)} MB down, ${after.rounds - before.rounds} rounds; ` +
        `logit error ${error.toExponential(1)} to fixed point, ${toFloat.toExponential(1)} to float, of logits up to ${Math.max(...logits.map(Math.abs)).toPrecision(3)}`,
    );
  }
  say(
    `session setup ${setup.toFixed(2)} s; peak memory of all parties ${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`,
  );
  await client.close();
}

const folder = process.argv[2];
comparators();
transfers();
await inference(
  folder === undefined
    ? defaultModel()
    : loadModel(
        readFileSync(join(folder, 'masks.json'), 'utf8'),
        new Uint8Array(readFileSync(join(folder, 'model.safetensors'))),
      ),
);
