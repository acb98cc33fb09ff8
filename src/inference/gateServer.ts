/**
 * The server's side of a gate site: garbler, sender of the first transfer of each multiplexer, chooser in the second.
 *
 *   offline   rows for the client's inputs; tables →
 *   online    labels of the server's inputs (and z − β of squares) → ;  ← flips and products' messages;  products' messages → ;
 *             ← the client's shares under its new mask
 */
import { packWords, unpackWords } from './bits.ts';
import { activeLabels, BITS, garble, LABEL_WORDS } from './comparator.ts';
import { serverSquareMask, serverSquareShare } from './correlations.ts';
import { CLIENT_RECEIVES, receiveProducts, sendProducts, SERVER_RECEIVES } from './multiplexer.ts';
import type { Multiplexed } from './multiplexer.ts';
import type { GateStep } from './program.ts';
import { FRACTION_BITS } from './program.ts';
import { randomSeed, RandomStream } from './randomness.ts';
import { addInto, gather, multiply, repeated, scatter, subtract, truncateShare, zeros } from './ring.ts';
import type { RingVector } from './ring.ts';
import { chunksOf, reserve, TRANSFERS } from './session.ts';
import type { BatchMode, Session } from './session.ts';
import { forImages } from './stepInputs.ts';
import { wordsFor } from './transferExtension.ts';

/** A site's comparisons of one batch, as later steps may borrow them. */
interface ServerBits {
  /** d's share. */
  own: Uint8Array;
  flips: Uint8Array;
  sent: Uint32Array;
  chosen: Uint32Array;
  first: number;
}

export class ServerGates {
  readonly #bits = new Map<string, ServerBits>();
  /** Zero labels are drawn from here twice rather than kept. */
  readonly #labelSeed = randomSeed();
  /** z's part that the client sent for squares. */
  readonly #squares = new Map<string, RingVector>();

  constructor(
    readonly session: Session,
    readonly serverSeed: Uint8Array,
    readonly batch: number,
    readonly images: number,
    readonly mode: BatchMode,
  ) {}

  /** @param z the server's share where it is known already: in streamed mode */
  async offline(step: GateStep, size: number, z: RingVector | null): Promise<void> {
    const { session, images } = this;
    const compared = forImages(step.compared, size, images);
    const bits: ServerBits = {
      own: new Uint8Array(compared.length),
      flips: new Uint8Array(compared.length),
      sent: new Uint32Array(LABEL_WORDS * compared.length),
      chosen: new Uint32Array(LABEL_WORDS * compared.length),
      first: reserve(session, compared.length),
    };
    this.#bits.set(step.site, bits);
    for (const [from, n] of chunksOf(compared.length)) {
      const { channel, sender, receiver, hash } = session;
      const message = await channel.words(128 * wordsFor(TRANSFERS * n));
      const rows = sender.rows(TRANSFERS * n, message);
      const labels = BITS * n * LABEL_WORDS;
      bits.sent.set(rows.subarray(labels, labels + LABEL_WORDS * n), LABEL_WORDS * from);
      const zero = this.#zeroLabels(step, from, n);
      const { tables, colours } = garble(hash, sender.offset, zero, rows, n, bits.first + from);
      const own = colours.map((colour) => colour ^ 1);
      bits.own.set(own, from);
      const choice = receiver.choose(n, packWords(own));
      bits.chosen.set(choice.rows.subarray(0, LABEL_WORDS * n), LABEL_WORDS * from);
      await channel.send(choice.message);
      await channel.send(tables);
      if (z) await this.#sendLabels(step, z, compared, from, n);
    }
    if (step.squared.length > 0)
      this.#squares.set(step.site, await session.channel.words(2 * images * step.squared.length));
  }

  #zeroLabels(step: GateStep, from: number, n: number): Uint32Array<ArrayBuffer> {
    return new RandomStream(this.#labelSeed, step.index, this.batch, from).words(BITS * n * LABEL_WORDS);
  }

  /** The labels of the server's words z − 1. */
  async #sendLabels(step: GateStep, z: RingVector, compared: Int32Array, from: number, n: number): Promise<void> {
    const words = Uint32Array.from({ length: n }, (_, j) => z[2 * compared[from + j]] - 1);
    const { channel, sender } = this.session;
    channel.enter('online', step.layer);
    await channel.send(activeLabels(this.#zeroLabels(step, from, n), sender.offset, words));
    if (this.mode === 'streamed') channel.enter('offline', step.layer);
  }

  /** @returns the server's share of the site's p */
  async online(step: GateStep, size: number, z: RingVector): Promise<RingVector> {
    const { session, images } = this;
    const { channel, hash, sender } = session;
    const compared = forImages(step.compared, size, images);
    if (this.mode === 'ahead')
      for (const [from, n] of chunksOf(compared.length)) await this.#sendLabels(step, z, compared, from, n);
    const squared = forImages(step.squared, size, images);
    const squares = squared.length > 0 ? await this.#square(step, gather(z, squared)) : null;

    const bits = this.#bits.get(step.site)!;
    if (compared.length > 0)
      bits.flips = unpackWords(await channel.words(Math.ceil(compared.length / 32)), compared.length);
    const owner = this.#bits.get(step.owner)!;
    const products: Multiplexed = {
      step: step.index,
      neurons: forImages(step.multiplexed, size, images),
      places: forImages(step.bit, owner.own.length / images, images),
    };
    const shares = zeros(products.neurons.length);
    if (products.neurons.length > 0) {
      const payload = await channel.words(2 * products.neurons.length);
      const { own, flips, first } = owner;
      receiveProducts(hash, { rows: owner.chosen, first }, SERVER_RECEIVES, products, own, payload, shares);
      await channel.send(
        sendProducts(
          hash,
          { rows: owner.sent, first },
          sender.offset,
          flips,
          CLIENT_RECEIVES,
          products,
          own,
          z,
          shares,
        ),
      );
    }
    const output = z.slice();
    if (products.neurons.length > 0)
      scatter(output, products.neurons, addInto(shares, await channel.words(shares.length)));
    if (squares) scatter(output, squared, addInto(squares, await channel.words(squares.length)));
    return output;
  }

  /** Shares of z²: z_s² + 2(w_s + (z_c − α) z_s), truncated. */
  async #square(step: GateStep, z: RingVector): Promise<RingVector> {
    const count = z.length / 2;
    await this.session.channel.send(subtract(z, serverSquareMask(this.serverSeed, step.index, this.batch, count)));
    const cross = addInto(
      multiply(this.#squares.get(step.site)!, z),
      serverSquareShare(this.serverSeed, step.index, this.batch, count),
    );
    const square = addInto(addInto(addInto(multiply(z, z), cross), cross), repeated(count, 2 ** (FRACTION_BITS - 1)));
    return truncateShare(square, FRACTION_BITS, 'server');
  }
}
