/**
 * The beginning of a session: versions, the network's public description, base transfers, masked weights.
 *
 *   client → server   {protocol, version}
 *   server → client   {protocol, version, session, salt, network}, or a failure that names both versions
 *   client → server   A of the base transfers             server → client   128 points
 *   client → server   128 extended choices Δ_c            (base transfers of the other direction)
 *   server → client   W − A of every linear step
 */
import { blake3 } from '@noble/hashes/blake3.js';
import { z } from 'zod';
import { BASE_TRANSFERS, BaseReceiver, BaseSender, POINT_BYTES } from './baseTransfer.ts';
import { unpackWords } from './bits.ts';
import type { Channel } from './channel.ts';
import { ProtocolError, VersionError } from './errors.ts';
import { LabelHash } from './labelHash.ts';
import { compile } from './program.ts';
import { publicNetworkSchema } from './publicNetwork.ts';
import type { PublicNetwork } from './publicNetwork.ts';
import { randomSeed } from './randomness.ts';
import type { Session, SessionHooks } from './session.ts';
import { ExtensionReceiver, ExtensionSender, wordsFor } from './transferExtension.ts';

export const PROTOCOL = 'relu-studio/inference';
export const VERSION = 1;

const SALT_BYTES = 16;
const hexadecimal = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`));

const helloSchema = z.looseObject({ protocol: z.literal(PROTOCOL), version: z.int() });

const serverHelloSchema = z.strictObject({
  protocol: z.literal(PROTOCOL),
  version: z.literal(VERSION),
  /** Names the session to the dealer. */
  session: hexadecimal(16),
  /** Salt of the label hash. */
  salt: hexadecimal(SALT_BYTES),
  network: publicNetworkSchema,
});

export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** @throws ProtocolError where the value does not fit the schema. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new ProtocolError(
      `${what} is not understood: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}.`,
    );
  return parsed.data;
}

/** Reads a greeting. @throws VersionError after telling the other party */
export async function readHello(channel: Channel): Promise<Record<string, unknown>> {
  const value = await channel.json();
  const hello = checked(helloSchema, value, 'The greeting');
  if (hello.version !== VERSION) {
    const message = `it speaks version ${VERSION} of ${PROTOCOL}, the other party version ${hello.version}. Use the same release of relu-studio on both sides.`;
    await channel.sendFailure(message);
    throw new VersionError(`This party refused: ${message}`);
  }
  return value as Record<string, unknown>;
}

/** A 32-byte key from a row of the extension. */
function rowKey(row: Uint32Array, index: number): Uint8Array {
  return blake3
    .create({})
    .update(new TextEncoder().encode(`${PROTOCOL} reverse base transfer ${index}`))
    .update(new Uint8Array(row.slice().buffer))
    .digest();
}

const rowAt = (rows: Uint32Array, i: number) => rows.subarray(4 * i, 4 * i + 4);
const bitsOf = (words: Uint32Array) => unpackWords(words, BASE_TRANSFERS);

/** The offset of one direction: 128 random bits, the lowest 1. */
function randomOffset(): Uint32Array<ArrayBuffer> {
  const offset = new Uint32Array(randomSeed().slice(0, 16).buffer);
  offset[0] |= 1;
  return offset;
}

export async function serverHandshake(channel: Channel, network: PublicNetwork, hooks: SessionHooks) {
  const program = compile(network);
  await readHello(channel);
  const salt = randomSeed().slice(0, SALT_BYTES);
  const name = toHex(randomSeed().slice(0, 16));
  await channel.sendJson({ protocol: PROTOCOL, version: VERSION, session: name, salt: toHex(salt), network });
  const offset = randomOffset();
  const base = new BaseReceiver(await channel.bytes(POINT_BYTES), bitsOf(offset));
  await channel.send(base.points);
  const sender = new ExtensionSender(offset, base.keys);
  // The other direction's base transfers are the first 128 of this one.
  const rows = sender.rows(BASE_TRANSFERS, await channel.words(BASE_TRANSFERS * wordsFor(BASE_TRANSFERS)));
  const receiver = new ExtensionReceiver(
    Array.from({ length: BASE_TRANSFERS }, (_, i) => {
      const row = rowAt(rows, i);
      return [
        rowKey(row, i),
        rowKey(
          row.map((word, k) => word ^ offset[k]),
          i,
        ),
      ];
    }),
  );
  const session: Session = {
    channel,
    hash: new LabelHash(salt),
    sender,
    receiver,
    program,
    hooks,
    comparisons: 0,
    batches: 0,
  };
  return { session, name };
}

export async function clientHandshake(channel: Channel, hooks: SessionHooks) {
  await channel.sendJson({ protocol: PROTOCOL, version: VERSION });
  const greeting = await channel.json();
  const { version } = checked(helloSchema, greeting, "The server's greeting");
  if (version !== VERSION)
    throw new VersionError(`The server speaks version ${version} of ${PROTOCOL}, this client version ${VERSION}.`);
  const hello = checked(serverHelloSchema, greeting, "The server's description of the network");
  const program = compile(hello.network);
  const base = new BaseSender();
  await channel.send(base.message);
  const receiver = new ExtensionReceiver(base.keys(await channel.bytes(BASE_TRANSFERS * POINT_BYTES)));
  const offset = randomOffset();
  const { message, rows } = receiver.choose(BASE_TRANSFERS, offset);
  await channel.send(message);
  const keys = Array.from({ length: BASE_TRANSFERS }, (_, i) => rowKey(rowAt(rows, i), i));
  const session: Session = {
    channel,
    hash: new LabelHash(fromHex(hello.salt)),
    sender: new ExtensionSender(offset, keys),
    receiver,
    program,
    hooks,
    comparisons: 0,
    batches: 0,
  };
  return { session, name: hello.session, network: hello.network };
}
