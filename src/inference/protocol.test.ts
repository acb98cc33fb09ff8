/** The whole protocol in one process: against the plain networks, its counters, its transcripts, damaged frames and versions. */
import { describe, expect, test } from 'vitest';
import { countsOf } from '../domain/counting.ts';
import type { GateMap } from '../domain/gateMap.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { Channel, pipe } from './channel.ts';
import type { Transport } from './channel.ts';
import { FrameError } from './errors.ts';
import { clientHandshake, PROTOCOL, serverHandshake } from './handshake.ts';
import { connectLocally } from './local.ts';
import { runFixed, runFloat } from './plain.ts';
import { compile } from './program.ts';
import { mixedGates, modelOf, randomImages, TINY } from './testing.ts';

const WIDE: NetworkSpec = { ...TINY, family: 'wide-resnet', widths: [16, 20], stemGate: false, finalGate: true };
const mixed = mixedGates();
const IDENTITIES: GateMap = Object.fromEntries(
  ['stem', 'layer1.0.gate1', 'layer1.0.gate2', 'layer2.0.gate1', 'layer2.0.gate2'].map((id) => [
    id,
    { kind: 'identity' },
  ]),
);

const farthest = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** How far from zero a comparison must lie here: the truncations of these networks add up to less. */
const MARGIN = 1e-3;

/**
 * Random images all of whose comparisons are clear. A truncation may move a prototype across zero, where a shared gate jumps: such a
 * network has no one result that the protocol could be held against.
 */
function clearImages(model: ReturnType<typeof modelOf>, network: NetworkSpec, count: number): Float64Array {
  const program = compile(model.network);
  const images: number[] = [];
  for (let seed = 7, found = 0; found < count; seed++) {
    if (seed > 500) throw new Error(`Of 500 random images fewer than ${count} are clear.`);
    const image = randomImages(network, 1, seed);
    if (runFloat(program, model.weights, image).nearest < MARGIN) continue;
    images.push(...image);
    found++;
  }
  return Float64Array.from(images);
}

describe('logits', () => {
  test.each([
    ['plain ReLUs', TINY, {}, {}],
    ['every kind of gate at once', TINY, mixed.gates, mixed.trained],
    ['no gate at all', TINY, IDENTITIES, {}],
    ['a pre-activation network', WIDE, {}, {}],
  ] as const)('of %s match the fixed-point network in both modes', async (_, network, gates, trained) => {
    const model = modelOf(network, gates, trained);
    const images = clearImages(model, network, 3);
    const { client, clientChannel, served } = await connectLocally(model);
    const fixed = runFixed(client.program, model.weights, images);
    const { logits: exact } = runFloat(client.program, model.weights, images);
    expect(farthest(fixed, exact)).toBeLessThan(0.02);
    for (const mode of ['ahead', 'streamed'] as const) {
      const { logits } = await client.classify(images, { mode });
      expect(farthest(logits, fixed)).toBeLessThan(0.002);
    }
    const { drelus, multiplications } = countsOf(network, gates, trained).total;
    expect(client.program).toMatchObject({ comparisons: drelus, multiplexers: multiplications });
    await client.close();
    expect(await served).toBe(6);
    expect(clientChannel.total().rounds).toBeGreaterThan(0);
  });
});

/** Frames that one end received, header cut off. */
function recorded(end: Transport, log: Uint8Array[]): Transport {
  return {
    ...end,
    receive: async () => {
      const frame = await end.receive();
      log.push(frame.slice(16));
      return frame;
    },
  };
}

/** χ² of byte counts over 255 degrees of freedom, as a standard normal deviate (Wilson & Hilferty 1931). */
function deviateOfBytes(bytes: Uint8Array): number {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte]++;
  const expected = bytes.length / 256;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const spread = 2 / (9 * 255);
  return (Math.cbrt(chi / 255) - (1 - spread)) / Math.sqrt(spread);
}

const joined = (frames: Uint8Array[]) => Uint8Array.from(frames.flatMap((frame) => Array.from(frame)));

describe('transcripts', () => {
  test('are uniform bytes to the server whatever the image is', async () => {
    for (const value of [0, 1]) {
      const log: Uint8Array[] = [];
      const { client } = await connectLocally(modelOf(TINY, mixed.gates, mixed.trained), {
        wire: ([a, b]) => [a, recorded(b, log)],
      });
      await client.classify(new Float64Array(4 * 192).fill(value));
      // After the greeting, the point and the request for a batch, all that the server gets is masked or transferred.
      const bytes = joined(log.filter((frame) => frame.length > 64));
      expect(bytes.length).toBeGreaterThan(100_000);
      expect(Math.abs(deviateOfBytes(bytes))).toBeLessThan(5);
    }
  });

  test('are uniform bytes to the client whatever the weights are', async () => {
    for (const scale of [0, 1]) {
      const log: Uint8Array[] = [];
      const model = modelOf(TINY, mixed.gates, mixed.trained);
      for (const { weights, bias } of model.weights) {
        weights.forEach((_, i) => (weights[i] *= scale));
        bias.forEach((_, i) => (bias[i] *= scale));
      }
      const { client } = await connectLocally(model, { wire: ([a, b]) => [recorded(a, log), b] });
      await client.classify(randomImages(TINY, 4));
      // The first frame describes the network, the second holds curve points; the last is the server's share of the logits.
      const bytes = joined(log.slice(2, -1));
      expect(bytes.length).toBeGreaterThan(100_000);
      expect(Math.abs(deviateOfBytes(bytes))).toBeLessThan(5);
    }
  });

  test('a byte statistic that is not uniform would be seen', () => {
    expect(deviateOfBytes(Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251))).toBeGreaterThan(5);
  });
});

/** Flips one bit of the n-th frame that passes from the server to the client. */
function flipped([client, server]: [Transport, Transport], n: number): [Transport, Transport] {
  let seen = 0;
  const receive = async () => {
    const frame = (await client.receive()).slice();
    if (seen++ === n) frame[Math.floor(frame.length / 2)] ^= 4;
    return frame;
  };
  return [{ ...client, receive }, server];
}

describe('faults', () => {
  test.each([0, 1, 3, 12])('a bit flipped in frame %i ends in a named error', async (n) => {
    const run = async () => {
      const { client } = await connectLocally(modelOf(TINY, {}, {}), { wire: (ends) => flipped(ends, n) });
      await client.classify(randomImages(TINY, 1));
    };
    await expect(run()).rejects.toThrow(FrameError);
  });

  test('another version is refused on both sides with both numbers', async () => {
    const [a, b] = pipe().map((end) => new Channel(end));
    const serving = serverHandshake(b, modelOf(TINY, {}, {}).network, {});
    await a.sendJson({ protocol: PROTOCOL, version: 99 });
    await expect(serving).rejects.toThrow('it speaks version 1 of relu-studio/inference, the other party version 99');
    await expect(a.json()).rejects.toThrow('The other party stopped: it speaks version 1');

    const [c, d] = pipe().map((end) => new Channel(end));
    const connecting = clientHandshake(c, {});
    await d.sendJson({ protocol: PROTOCOL, version: 99 });
    await expect(connecting).rejects.toThrow(
      'The server speaks version 99 of relu-studio/inference, this client version 1',
    );
  });

  test('a description of an impossible network is refused by the client', async () => {
    const model = modelOf(TINY, mixed.gates, mixed.trained);
    const site = model.network.sites[2];
    const sites = model.network.sites.with(2, { ...site, from: 'layer2.0.gate2' } as typeof site);
    const [a, b] = pipe().map((end) => new Channel(end));
    const connecting = clientHandshake(a, {});
    const { salt, session } = { salt: '00'.repeat(16), session: '00'.repeat(16) };
    await b.sendJson({ protocol: PROTOCOL, version: 1, session, salt, network: { ...model.network, sites } });
    await expect(connecting).rejects.toThrow(
      'layer1.0.gate2: it borrows from layer2.0.gate2, which is no earlier gate site',
    );
  });
});
