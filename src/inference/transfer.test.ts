/** Base transfers, their extension, its transpose and the multiplexer, each against its definition. */
import { expect, test } from 'vitest';
import { BASE_TRANSFERS, BaseReceiver, BaseSender } from './baseTransfer.ts';
import { packWords } from './bits.ts';
import { LabelHash } from './labelHash.ts';
import { CLIENT_RECEIVES, receiveProducts, sendProducts, SERVER_RECEIVES } from './multiplexer.ts';
import { randomSeed, RandomStream } from './randomness.ts';
import { add, subtract, zeros } from './ring.ts';
import { rowsOf } from './transpose.ts';
import { bitOf, ExtensionReceiver, ExtensionSender } from './transferExtension.ts';

const random = new RandomStream(randomSeed());

test('base transfers give the receiver the chosen key of each pair and not the other', () => {
  const choices = [0, 1, 1, 0, 1, 0];
  const sender = new BaseSender();
  const receiver = new BaseReceiver(sender.message, choices);
  const pairs = sender.keys(receiver.points);
  choices.forEach((choice, i) => {
    expect(receiver.keys[i]).toEqual(pairs[i][choice]);
    expect(receiver.keys[i]).not.toEqual(pairs[i][1 - choice]);
  });
});

test('base transfers refuse bytes that are no point', () => {
  expect(() => new BaseReceiver(new Uint8Array(32).fill(255), [0])).toThrow('no ristretto255 point');
});

test('the transpose moves bit b of column c to bit c of row b', () => {
  const columns = random.words(128 * 3);
  const rows = rowsOf(columns, 3);
  for (let b = 0; b < 96; b++)
    for (let c = 0; c < 128; c++) expect(bitOf(rows.subarray(4 * b), c)).toBe(bitOf(columns.subarray(3 * c), b));
});

/** Both ends of an extension, its base transfers drawn by a trusted hand. */
function extension() {
  const offset = random.words(4);
  offset[0] |= 1;
  const keys = Array.from({ length: BASE_TRANSFERS }, () => [randomSeed(), randomSeed()] as [Uint8Array, Uint8Array]);
  const chosen = keys.map((pair, i) => pair[bitOf(offset, i)]);
  return { offset, sender: new ExtensionSender(offset, chosen), receiver: new ExtensionReceiver(keys) };
}

test('the extension correlates rows by choice and offset, call after call', () => {
  const { offset, sender, receiver } = extension();
  for (const count of [1, 31, 32, 1000]) {
    const choices = Array.from(random.bytes(count), (byte) => byte & 1);
    const { message, rows } = receiver.choose(count, packWords(choices));
    const sent = sender.rows(count, message);
    choices.forEach((choice, j) => {
      for (let k = 0; k < 4; k++) expect(rows[4 * j + k]).toBe((sent[4 * j + k] ^ (choice ? offset[k] : 0)) >>> 0);
    });
  }
  expect(() => sender.rows(64, new Uint32Array(3))).toThrow('64 transfers take 256 words, but 3 came');
});

/** z · d by the protocol's two transfers, from shares. */
function multiplexed(
  client: Uint32Array,
  server: Uint32Array,
  clientBits: Uint8Array,
  serverBits: Uint8Array,
): Uint32Array {
  const n = clientBits.length;
  const hash = new LabelHash(randomSeed().slice(0, 16));
  const forward = extension();
  const backward = extension();
  const chosenAtRandom = random.bytes(n).map((byte) => byte & 1);
  const flips = clientBits.map((bit, i) => bit ^ chosenAtRandom[i]);
  const toClient = forward.receiver.choose(n, packWords(chosenAtRandom));
  const toServer = backward.receiver.choose(n, packWords(serverBits));
  const forwardRows = forward.sender.rows(n, toClient.message);
  const backwardRows = backward.sender.rows(n, toServer.message);
  const neurons = Int32Array.from({ length: n }, (_, i) => i);
  const products = { step: 5, neurons, places: neurons };
  const shares = [zeros(n), zeros(n)];
  const first = 9;
  const fromClient = sendProducts(
    hash,
    { rows: backwardRows, first },
    backward.offset,
    null,
    SERVER_RECEIVES,
    products,
    clientBits,
    client,
    shares[0],
  );
  receiveProducts(hash, { rows: toServer.rows, first }, SERVER_RECEIVES, products, serverBits, fromClient, shares[1]);
  const fromServer = sendProducts(
    hash,
    { rows: forwardRows, first },
    forward.offset,
    flips,
    CLIENT_RECEIVES,
    products,
    serverBits,
    server,
    shares[1],
  );
  receiveProducts(hash, { rows: toClient.rows, first }, CLIENT_RECEIVES, products, clientBits, fromServer, shares[0]);
  return add(shares[0], shares[1]);
}

test('the multiplexer gives z or 0 for every pair of 8-bit shares and all bits', () => {
  const n = 4 * 65536;
  const client = zeros(n);
  const server = zeros(n);
  const bits = [new Uint8Array(n), new Uint8Array(n)];
  for (let i = 0; i < n; i++) {
    client[2 * i] = i & 255;
    server[2 * i] = (i >> 8) & 255;
    bits[0][i] = (i >> 16) & 1;
    bits[1][i] = i >> 17;
  }
  const sum = add(client, server);
  const expected = sum.map((word, k) => (bits[0][k >> 1] ^ bits[1][k >> 1] ? word : 0));
  expect(multiplexed(client, server, bits[0], bits[1])).toEqual(expected);
});

test('the multiplexer gives z or 0 on random shares of 64 bits', () => {
  const n = 20_000;
  const z = random.ring(n);
  const client = random.ring(n);
  const bits = [0, 1].map(() => random.bytes(n).map((byte) => byte & 1));
  const expected = z.map((word, k) => (bits[0][k >> 1] ^ bits[1][k >> 1] ? word : 0));
  expect(multiplexed(client, subtract(z, client), bits[0], bits[1])).toEqual(expected);
});
