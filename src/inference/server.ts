/**
 * The server: holds the weights, learns nothing of images or logits.
 */
import { z } from 'zod';
import type { Channel } from './channel.ts';
import { serverMask, weightMask } from './correlations.ts';
import { joinDealerAsServer, MOST_IMAGES } from './dealer.ts';
import { ProtocolError } from './errors.ts';
import { ServerGates } from './gateServer.ts';
import { checked, serverHandshake } from './handshake.ts';
import { applyMap, inputSize } from './linearMap.ts';
import { WEIGHT_BITS } from './program.ts';
import type { LinearStep, Program, Step } from './program.ts';
import type { PublicNetwork } from './publicNetwork.ts';
import { add, addInto, subtract, truncateShare } from './ring.ts';
import type { RingVector } from './ring.ts';
import { quantize } from './serverWeights.ts';
import type { LinearWeights, QuantizedWeights } from './serverWeights.ts';
import type { BatchMode, Session, SessionHooks } from './session.ts';
import { addBias, poolSums, readInputs, writeOutput } from './stepInputs.ts';

export interface ServerModel {
  network: PublicNetwork;
  /** For each linear step of the compiled network. */
  weights: LinearWeights[];
}

const batchSchema = z.union([
  z.strictObject({ images: z.int().min(1).max(MOST_IMAGES), mode: z.enum(['ahead', 'streamed']) }),
  z.strictObject({ done: z.literal(true) }),
]);

/** Opens a channel to the dealer for the session. */
export type OpenDealer = (session: string) => Promise<Channel>;

/**
 * Serves one client until it says that it is done.
 * @returns images served
 */
export async function serveSession(
  channel: Channel,
  openDealer: OpenDealer,
  model: ServerModel,
  hooks: SessionHooks = {},
): Promise<number> {
  channel.enter('setup', 'handshake');
  const { session, name } = await serverHandshake(channel, model.network, hooks);
  const dealer = await openDealer(name);
  let images = 0;
  try {
    const seed = await joinDealerAsServer(dealer, name, session.program);
    const weights = model.weights.map(quantize);
    channel.enter('setup', 'masked weights');
    for (const step of session.program.steps)
      if (step.kind === 'linear')
        await channel.send(subtract(weights[step.index].weights, weightMask(seed, step.index, step.map)));
    for (;;) {
      channel.enter('setup', 'batch');
      const request = checked(batchSchema, await channel.json(), "The client's request");
      if ('done' in request) return images;
      await new ServerBatch(session, weights, seed, request.images, request.mode).run();
      images += request.images;
    }
  } finally {
    dealer.close();
  }
}

class ServerBatch {
  readonly #gates: ServerGates;
  readonly #batch: number;
  readonly #program: Program;
  /** Shares known so far. */
  readonly #tensors = new Map<string, RingVector>();
  /** x_c − r of each linear step, from the offline phase. */
  readonly #openings = new Map<number, RingVector>();

  constructor(
    readonly session: Session,
    readonly weights: QuantizedWeights[],
    readonly seed: Uint8Array,
    readonly images: number,
    readonly mode: BatchMode,
  ) {
    this.#batch = session.batches++;
    this.#program = session.program;
    this.#gates = new ServerGates(session, seed, this.#batch, images, mode);
  }

  async run(): Promise<void> {
    const { channel } = this.session;
    const { steps, input, output, sizes } = this.#program;
    if (this.mode === 'ahead') for (const step of steps) await this.#offline(step);
    channel.enter('online', 'images');
    this.#keep('images', input, await channel.words(2 * this.images * sizes.get(input)!));
    for (const step of steps) {
      if (this.mode === 'streamed') await this.#offline(step);
      await this.#online(step);
    }
    channel.enter('online', 'logits');
    await channel.send(this.#tensors.get(output)!);
  }

  #keep(layer: string, name: string, share: RingVector): void {
    this.#tensors.set(name, share);
    this.session.hooks.onShares?.(layer, share);
  }

  async #offline(step: Step): Promise<void> {
    if (step.kind !== 'linear' && step.kind !== 'gate') return;
    const { channel, hooks } = this.session;
    channel.enter('offline', step.layer);
    hooks.onStep?.('offline', step.layer);
    if (step.kind === 'linear')
      this.#openings.set(step.index, await channel.words(2 * this.images * inputSize(step.map)));
    else {
      const z = this.mode === 'streamed' ? this.#tensors.get(step.input)! : null;
      await this.#gates.offline(step, this.#program.sizes.get(step.input)!, z);
    }
  }

  async #online(step: Step): Promise<void> {
    const { channel, hooks } = this.session;
    channel.enter('online', step.layer);
    hooks.onStep?.('online', step.layer);
    const share = (name: string) => this.#tensors.get(name)!;
    if (step.kind === 'linear') this.#keep(step.layer, step.output, this.#linear(step));
    else if (step.kind === 'add')
      this.#keep(step.layer, step.output, add(share(step.inputs[0]), share(step.inputs[1])));
    else if (step.kind === 'pool') this.#keep(step.layer, step.output, poolSums(share(step.input), step.positions));
    else {
      const size = this.#program.sizes.get(step.input)!;
      this.#keep(step.layer, step.output, await this.#gates.online(step, size, share(step.input)));
    }
  }

  /** W(x − r) + s + bias, truncated. */
  #linear(step: LinearStep): RingVector {
    const size = this.#program.sizes.get(step.inputs[0])!;
    const opening = this.#openings.get(step.index);
    if (!opening) throw new ProtocolError(`${step.layer}: its offline phase is missing.`);
    this.#openings.delete(step.index);
    const { weights, bias } = this.weights[step.index];
    const x = addInto(opening, readInputs(step, size, this.#tensors, this.images));
    const y = addBias(applyMap(step.map, weights, x, this.images), bias);
    addInto(y, serverMask(this.seed, step.index, step.map, this.#batch, this.images));
    return writeOutput(step, size, this.#tensors, this.images, truncateShare(y, WEIGHT_BITS, 'server'));
  }
}
