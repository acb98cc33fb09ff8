/**
 * The client: holds the images, learns the logits and nothing of the weights but what logits tell.
 */
import type { Channel } from './channel.ts';
import { clientMask, correlationsOf, dealtLength } from './correlations.ts';
import { joinDealerAsClient, MOST_IMAGES } from './dealer.ts';
import { GATES, TABLE_WORDS } from './comparator.ts';
import { ClientGates } from './gateClient.ts';
import { clientHandshake } from './handshake.ts';
import { applyMap, weightCount } from './linearMap.ts';
import { FRACTION_BITS, WEIGHT_BITS } from './program.ts';
import type { LinearStep, Program, Step } from './program.ts';
import type { PublicNetwork } from './publicNetwork.ts';
import { randomSeed, RandomStream } from './randomness.ts';
import { add, addInto, fromReals, subtract, toReals, truncateShare } from './ring.ts';
import type { RingVector } from './ring.ts';
import type { BatchMode, Session, SessionHooks } from './session.ts';
import type { OpenDealer } from './server.ts';
import { poolSums, readInputs, writeOutput } from './stepInputs.ts';

/** Tables that the client may hold at once in `ahead` mode. */
const TABLE_LIMIT = 256 * 2 ** 20;

export interface ClassifyOptions {
  /** Default: ahead, unless the batch's tables take more than 256 MB. */
  mode?: BatchMode;
}

export interface Classified {
  /** (N · classes). */
  logits: Float64Array;
  mode: BatchMode;
  seconds: { offline: number; online: number };
}

export class InferenceClient {
  /** W − A of each linear step. */
  readonly #maskedWeights: RingVector[] = [];

  private constructor(
    readonly session: Session,
    readonly network: PublicNetwork,
    readonly dealer: Channel,
    readonly seed: Uint8Array,
  ) {}

  static async connect(channel: Channel, openDealer: OpenDealer, hooks: SessionHooks = {}): Promise<InferenceClient> {
    channel.enter('setup', 'handshake');
    const { session, name, network } = await clientHandshake(channel, hooks);
    const dealer = await openDealer(name);
    const client = new InferenceClient(session, network, dealer, await joinDealerAsClient(dealer, name));
    channel.enter('setup', 'masked weights');
    for (const step of session.program.steps)
      if (step.kind === 'linear') client.#maskedWeights.push(await channel.words(2 * weightCount(step.map)));
    return client;
  }

  get program(): Program {
    return this.session.program;
  }

  /**
   * @param images normalised pixels, (N · C·H·W)
   * @throws RangeError where the images do not fit the network
   */
  async classify(images: Float64Array, { mode }: ClassifyOptions = {}): Promise<Classified> {
    const { channel, program } = this.session;
    const count = images.length / program.sizes.get(program.input)!;
    if (!Number.isInteger(count) || count < 1 || count > MOST_IMAGES)
      throw new RangeError(`A batch holds 1 to ${MOST_IMAGES} whole images, not ${count}.`);
    const tables = count * program.comparisons * GATES * TABLE_WORDS * 4;
    const chosen = mode ?? (tables > TABLE_LIMIT ? 'streamed' : 'ahead');
    channel.enter('setup', 'batch');
    await channel.sendJson({ images: count, mode: chosen });
    return new ClientBatch(this.session, this.dealer, this.seed, this.#maskedWeights, count, chosen).run(images);
  }

  /** Says farewell to server and dealer. */
  async close(): Promise<void> {
    const { channel } = this.session;
    channel.enter('setup', 'batch');
    await channel.sendJson({ done: true });
    await this.dealer.sendJson({ done: true });
  }
}

class ClientBatch {
  readonly #gates: ClientGates;
  readonly #batch: number;
  readonly #program: Program;
  /** The client's shares, all of them known before the server's answer to an image. */
  readonly #tensors = new Map<string, RingVector>();
  /** What the dealer sends, in the program's order. */
  readonly #correlations;
  #next = 0;

  constructor(
    readonly session: Session,
    readonly dealer: Channel,
    readonly seed: Uint8Array,
    readonly maskedWeights: RingVector[],
    readonly images: number,
    readonly mode: BatchMode,
  ) {
    this.#batch = session.batches++;
    this.#program = session.program;
    this.#gates = new ClientGates(session, seed, this.#batch, images, mode);
    this.#correlations = correlationsOf(session.program);
  }

  async run(images: Float64Array): Promise<Classified> {
    const { channel } = this.session;
    const { steps, input, output, classes } = this.#program;
    const started = performance.now();
    let offline = 0;
    await this.dealer.sendJson({ batch: this.#batch, images: this.images });
    const mask = new RandomStream(randomSeed()).ring(images.length);
    this.#keep('images', input, mask);
    if (this.mode === 'ahead') for (const step of steps) await this.#offline(step);
    offline += performance.now() - started;
    channel.enter('online', 'images');
    await channel.send(subtract(fromReals(images, FRACTION_BITS), mask));
    for (const step of steps) {
      const before = performance.now();
      if (this.mode === 'streamed') await this.#offline(step);
      offline += performance.now() - before;
      if (step.kind === 'gate') await this.#online(step);
    }
    channel.enter('online', 'logits');
    const share = await channel.words(2 * this.images * classes);
    const logits = toReals(addInto(share, this.#tensors.get(output)!), FRACTION_BITS);
    const total = performance.now() - started;
    return { logits, mode: this.mode, seconds: { offline: offline / 1000, online: (total - offline) / 1000 } };
  }

  #keep(layer: string, name: string, share: RingVector): void {
    this.#tensors.set(name, share);
    this.session.hooks.onShares?.(layer, share);
  }

  /** The dealer's next vector. */
  async #dealt(): Promise<RingVector> {
    return this.dealer.words(2 * dealtLength(this.#correlations[this.#next++], this.images));
  }

  async #offline(step: Step): Promise<void> {
    const share = (name: string) => this.#tensors.get(name)!;
    const { channel, hooks } = this.session;
    if (step.kind === 'add') this.#keep(step.layer, step.output, add(share(step.inputs[0]), share(step.inputs[1])));
    else if (step.kind === 'pool') this.#keep(step.layer, step.output, poolSums(share(step.input), step.positions));
    else {
      channel.enter('offline', step.layer);
      hooks.onStep?.('offline', step.layer);
      if (step.kind === 'linear') this.#keep(step.layer, step.output, await this.#linear(step));
      else {
        const size = this.#program.sizes.get(step.input)!;
        const dealt = step.squared.length > 0 ? await this.#dealt() : null;
        this.#keep(step.layer, step.output, await this.#gates.offline(step, size, share(step.input), dealt));
      }
    }
  }

  async #online(step: Extract<Step, { kind: 'gate' }>): Promise<void> {
    const { channel, hooks } = this.session;
    channel.enter('online', step.layer);
    hooks.onStep?.('online', step.layer);
    await this.#gates.online(step, this.#program.sizes.get(step.input)!, this.#tensors.get(step.input)!);
  }

  /** Sends x_c − r; u = (W − A)·r + (A·r − s), truncated. */
  async #linear(step: LinearStep): Promise<RingVector> {
    const size = this.#program.sizes.get(step.inputs[0])!;
    const mask = clientMask(this.seed, step.index, step.map, this.#batch, this.images);
    await this.session.channel.send(subtract(readInputs(step, size, this.#tensors, this.images), mask));
    const product = applyMap(step.map, this.maskedWeights[step.index], mask, this.images);
    const u = addInto(product, await this.#dealt());
    return writeOutput(step, size, this.#tensors, this.images, truncateShare(u, WEIGHT_BITS, 'client'));
  }
}
