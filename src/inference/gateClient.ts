/**
 * The client's side of a gate site: evaluator, chooser in the first transfer of each multiplexer, sender of the second. Its share of z is
 * known offline; products and squares leave the site under a mask ρ that it has drawn offline, so that all its later shares are too.
 */
import { comparatorChoices, packWords } from './bits.ts';
import { BITS, evaluate, LABEL_WORDS, TABLE_WORDS } from './comparator.ts';
import { clientSquareMask } from './correlations.ts';
import { CLIENT_RECEIVES, receiveProducts, sendProducts, SERVER_RECEIVES } from './multiplexer.ts';
import type { Multiplexed } from './multiplexer.ts';
import { FRACTION_BITS } from './program.ts';
import type { GateStep } from './program.ts';
import { randomSeed, RandomStream } from './randomness.ts';
import { addInto, gather, multiply, scatter, subtract, truncateShare, zeros } from './ring.ts';
import type { RingVector } from './ring.ts';
import { chunksOf, reserve, TRANSFERS } from './session.ts';
import type { BatchMode, Session } from './session.ts';
import { forImages } from './stepInputs.ts';
import { wordsFor } from './transferExtension.ts';

interface ClientBits {
  /** d's share, once evaluated. */
  own: Uint8Array;
  /** Choices that the rows were extended with. */
  random: Uint8Array;
  sent: Uint32Array;
  chosen: Uint32Array;
  first: number;
}

/** Tables and labels of a chunk that wait for the garbler's labels. */
interface Waiting {
  tables: Uint32Array;
  labels: Uint32Array;
}

interface Offline {
  bits: ClientBits;
  waiting: Waiting[];
  /** ρ at multiplexed and at squared neurons. */
  productMask: RingVector;
  squareMask: RingVector;
  /** α·β − w. */
  dealt: RingVector | null;
}

export class ClientGates {
  readonly #bits = new Map<string, ClientBits>();
  readonly #offline = new Map<string, Offline>();
  readonly #random = new RandomStream(randomSeed());

  constructor(
    readonly session: Session,
    readonly clientSeed: Uint8Array,
    readonly batch: number,
    readonly images: number,
    readonly mode: BatchMode,
  ) {}

  /** @returns the client's share of the site's p */
  async offline(step: GateStep, size: number, z: RingVector, dealt: RingVector | null): Promise<RingVector> {
    const { session, images } = this;
    const compared = forImages(step.compared, size, images);
    const bits: ClientBits = {
      own: new Uint8Array(compared.length),
      random: this.#random.bytes(compared.length).map((byte) => byte & 1),
      sent: new Uint32Array(LABEL_WORDS * compared.length),
      chosen: new Uint32Array(LABEL_WORDS * compared.length),
      first: reserve(session, compared.length),
    };
    this.#bits.set(step.site, bits);
    const waiting: Waiting[] = [];
    for (const [from, n] of chunksOf(compared.length)) {
      const { channel, receiver, sender } = session;
      const words = Uint32Array.from({ length: n }, (_, j) => z[2 * compared[from + j]]);
      const choices = comparatorChoices(words, bits.random.subarray(from, from + n));
      const { message, rows } = receiver.choose(TRANSFERS * n, choices);
      await channel.send(message);
      const labels = rows.subarray(0, BITS * n * LABEL_WORDS);
      bits.chosen.set(rows.subarray(labels.length, labels.length + LABEL_WORDS * n), LABEL_WORDS * from);
      const reverse = sender.rows(n, await channel.words(128 * wordsFor(n)));
      bits.sent.set(reverse.subarray(0, LABEL_WORDS * n), LABEL_WORDS * from);
      const tables = await channel.words((BITS - 1) * n * TABLE_WORDS);
      if (this.mode === 'ahead') waiting.push({ tables, labels });
      else await this.#evaluate(step, bits, { tables, labels }, from, n);
    }
    const squared = forImages(step.squared, size, images);
    const productMask = this.#random.ring(images * step.multiplexed.length);
    const squareMask = this.#random.ring(squared.length);
    if (squared.length > 0)
      await session.channel.send(
        subtract(gather(z, squared), clientSquareMask(this.clientSeed, step.index, this.batch, squared.length)),
      );
    this.#offline.set(step.site, { bits, waiting, productMask, squareMask, dealt });
    const output = z.slice();
    scatter(output, forImages(step.multiplexed, size, images), productMask);
    scatter(output, squared, squareMask);
    return output;
  }

  async #evaluate(
    step: GateStep,
    bits: ClientBits,
    { tables, labels }: Waiting,
    from: number,
    n: number,
  ): Promise<void> {
    const { channel, hash } = this.session;
    channel.enter('online', step.layer);
    const garbler = await channel.words(BITS * n * LABEL_WORDS);
    bits.own.set(evaluate(hash, tables, garbler, labels, n, bits.first + from), from);
    if (this.mode === 'streamed') channel.enter('offline', step.layer);
  }

  async online(step: GateStep, size: number, z: RingVector): Promise<void> {
    const { session, images } = this;
    const { channel, hash, sender } = session;
    const { bits, waiting, productMask, squareMask, dealt } = this.#offline.get(step.site)!;
    this.#offline.delete(step.site);
    const count = bits.own.length;
    if (this.mode === 'ahead') {
      const chunks = chunksOf(count);
      for (let i = 0; i < chunks.length; i++) {
        await this.#evaluate(step, bits, waiting[i], ...chunks[i]);
        waiting[i] = { tables: new Uint32Array(0), labels: new Uint32Array(0) };
      }
    }
    const squared = forImages(step.squared, size, images);
    const squares = squared.length > 0 ? await this.#square(step, gather(z, squared), dealt!) : null;

    if (count > 0) await channel.send(packWords(bits.own.map((bit, i) => bit ^ bits.random[i])));
    const owner = this.#bits.get(step.owner)!;
    const products: Multiplexed = {
      step: step.index,
      neurons: forImages(step.multiplexed, size, images),
      places: forImages(step.bit, owner.own.length / images, images),
    };
    if (products.neurons.length > 0) {
      const shares = zeros(products.neurons.length);
      const { own, first } = owner;
      await channel.send(
        sendProducts(hash, { rows: owner.sent, first }, sender.offset, null, SERVER_RECEIVES, products, own, z, shares),
      );
      const payload = await channel.words(shares.length);
      receiveProducts(hash, { rows: owner.chosen, first }, CLIENT_RECEIVES, products, own, payload, shares);
      await channel.send(subtract(shares, productMask));
    }
    if (squares) await channel.send(subtract(squares, squareMask));
  }

  /** Shares of z²: z_c² + 2(w_c + α(z_s − β)), truncated. */
  async #square(step: GateStep, z: RingVector, dealt: RingVector): Promise<RingVector> {
    const count = z.length / 2;
    const opened = await this.session.channel.words(2 * count);
    const mask = clientSquareMask(this.clientSeed, step.index, this.batch, count);
    const cross = addInto(multiply(mask, opened), dealt);
    return truncateShare(addInto(addInto(multiply(z, z), cross), cross), FRACTION_BITS, 'client');
  }
}
