/**
 * The dealer: a third party that both trust not to side with the other. It gives each party a seed and the client the products of the
 * two parties' masks (correlations.ts). It learns the network's shapes and the sizes of batches, nothing else, and receives no shares.
 *
 *   server → dealer   {protocol, version, session, role: "server", correlations}      dealer → server   32 bytes
 *   client → dealer   {protocol, version, session, role: "client"}                    dealer → client   32 bytes
 *   client → dealer   {batch, images} …                                                dealer → client   one vector a correlation
 *   client → dealer   {done: true}
 */
import { z } from 'zod';
import type { Channel } from './channel.ts';
import { correlationsOf, dealt } from './correlations.ts';
import type { Correlation } from './correlations.ts';
import { ProtocolError } from './errors.ts';
import { checked, PROTOCOL, readHello, VERSION } from './handshake.ts';
import type { Program } from './program.ts';
import { randomSeed, SEED_BYTES } from './randomness.ts';

const size = z
  .int()
  .min(1)
  .max(1 << 24);
const shape = z.tuple([size, size, size]);
const mapSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('conv'),
    in: shape,
    out: shape,
    kernel: z.int().min(1).max(15),
    stride: z.int().min(1).max(4),
  }),
  z.strictObject({
    kind: z.literal('diagonal'),
    terms: z.int().min(1).max(2),
    channel: z.array(z.int().min(0)),
    channels: size,
  }),
]);
const correlationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('linear'), index: z.int().min(0), map: mapSchema }),
  z.strictObject({ kind: z.literal('square'), index: z.int().min(0), count: size }),
]);
const serverSchema = z.looseObject({
  role: z.literal('server'),
  session: z.string(),
  correlations: z.array(correlationSchema),
});
const clientSchema = z.looseObject({ role: z.literal('client'), session: z.string() });
export const MOST_IMAGES = 4096;
const requestSchema = z.union([
  z.strictObject({ batch: z.int().min(0), images: z.int().min(1).max(MOST_IMAGES) }),
  z.strictObject({ done: z.literal(true) }),
]);

export const partySchema = z.union([serverSchema, clientSchema]);
export type PartyHello = z.infer<typeof partySchema>;

/** A party's greeting, for a dealer that serves many sessions and must match them. */
export const readParty = async (channel: Channel): Promise<PartyHello> =>
  checked(partySchema, await readHello(channel), "A party's greeting");

/** Serves one session whose parties have both said who they are; ends when the client is done. */
export async function deal(server: Channel, client: Channel, correlations: readonly Correlation[]): Promise<void> {
  const serverSeed = randomSeed();
  const clientSeed = randomSeed();
  await server.send(serverSeed);
  await client.send(clientSeed);
  for (;;) {
    const request = checked(requestSchema, await client.json(), "The client's request");
    if ('done' in request) return;
    for (const correlation of correlations)
      await client.send(dealt(correlation, clientSeed, serverSeed, request.batch, request.images));
  }
}

/** Greets both parties and serves their one session: a dealer whose two channels are given. */
export async function dealOnce(server: Channel, client: Channel): Promise<void> {
  const [first, second] = await Promise.all([readParty(server), readParty(client)]);
  if (first.role !== 'server' || second.role !== 'client' || first.session !== second.session)
    throw new ProtocolError('The dealer was given two parties that do not belong together.');
  await deal(server, client, first.correlations);
}

/** @returns the seed that the server shares with the dealer */
export async function joinDealerAsServer(channel: Channel, session: string, program: Program): Promise<Uint8Array> {
  const correlations = correlationsOf(program).map((correlation) =>
    correlation.kind === 'linear' && correlation.map.kind === 'diagonal'
      ? { ...correlation, map: { ...correlation.map, channel: Array.from(correlation.map.channel) } }
      : correlation,
  );
  await channel.sendJson({ protocol: PROTOCOL, version: VERSION, role: 'server', session, correlations });
  return channel.bytes(SEED_BYTES);
}

/** @returns the seed that the client shares with the dealer */
export async function joinDealerAsClient(channel: Channel, session: string): Promise<Uint8Array> {
  await channel.sendJson({ protocol: PROTOCOL, version: VERSION, role: 'client', session });
  return channel.bytes(SEED_BYTES);
}
