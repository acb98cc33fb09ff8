/** The parties of the page, joined by real message ports, in one thread. */
import { expect, test } from 'vitest';
import { drawSynthetic } from '../../data/synthetic.ts';
import { privateRunFiles, PRIVATE_DRELUS } from '../../../test/privateRun.ts';
import type { FromParty, WireSettings } from './messages.ts';
import { runParty } from './party.ts';

const pictures = (count: number, size = 32) => {
  const { images } = drawSynthetic({ seed: 1, part: 'test', count, size });
  const area = size * size;
  const rgba = new Uint8ClampedArray(4 * count * area).fill(255);
  for (let n = 0; n < count; n++)
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < area; i++) rgba[4 * (n * area + i) + c] = images[(3 * n + c) * area + i];
  return { width: size, height: size, rgba };
};

/** Runs client, server, dealer and reference until all have spoken. */
async function run(images: ReturnType<typeof pictures>, wire: WireSettings | null): Promise<FromParty[]> {
  const { masks, weights } = await privateRunFiles();
  const [between, clientDealer, serverDealer] = [new MessageChannel(), new MessageChannel(), new MessageChannel()];
  const messages: FromParty[] = [];
  await new Promise<void>((resolve) => {
    const post = (message: FromParty) => {
      messages.push(message);
      const has = (type: FromParty['type']) => messages.some((entry) => entry.type === type);
      if (has('failed') || (has('result') && has('reference'))) resolve();
    };
    void runParty({ type: 'dealer', client: clientDealer.port2, server: serverDealer.port2 }, post);
    void runParty({ type: 'server', client: between.port2, dealer: serverDealer.port1, wire, masks, weights }, post);
    void runParty({ type: 'client', server: between.port1, dealer: clientDealer.port1, wire, images }, post);
    void runParty({ type: 'reference', masks, weights, images }, post);
  });
  for (const { port1 } of [between, clientDealer, serverDealer]) port1.close();
  return messages;
}

const only = <T extends FromParty['type']>(messages: FromParty[], type: T) =>
  messages.filter((message): message is Extract<FromParty, { type: T }> => message.type === type);

test('classify as the reference does and tell traffic and shares', { timeout: 180_000 }, async () => {
  const messages = await run(pictures(2), null);
  expect(only(messages, 'failed')).toEqual([]);
  const [{ result }] = only(messages, 'result');
  const [{ result: reference }] = only(messages, 'reference');
  result.logits.forEach((row, i) =>
    row.forEach((logit, k) => expect(Math.abs(logit - reference.fixed[i][k])).toBeLessThan(0.002)),
  );
  expect(result).toMatchObject({ comparisons: PRIVATE_DRELUS, mode: 'ahead' });
  expect(
    result.traffic.some(({ phase, layer, rounds }) => phase === 'online' && layer === 'layer1.0.gate2' && rounds > 0),
  ).toBe(true);
  const shares = only(messages, 'shares').map(({ role, shares: { layer } }) => `${role} ${layer}`);
  expect(shares).toEqual(expect.arrayContaining(['client images', 'server images', 'server layer1.0.conv2']));
});

test('take as long as the simulated network', { timeout: 180_000 }, async () => {
  const [fast] = only(await run(pictures(1), null), 'result');
  const wire = { uploadMbps: 20, downloadMbps: 20, roundTripMs: 60 };
  const [slow] = only(await run(pictures(1), wire), 'result');
  const traffic = slow.result.traffic.filter(({ phase }) => phase !== 'setup');
  const sum = (key: 'sent' | 'received' | 'rounds') => traffic.reduce((total, entry) => total + entry[key], 0);
  const least = (sum('rounds') * 60) / 1000 + (sum('received') * 8) / 20e6;
  const total = ({ result: { seconds } }: typeof slow) => seconds.offline + seconds.online;
  expect(total(slow)).toBeGreaterThan(0.95 * least);
  expect(total(slow)).toBeGreaterThan(total(fast));
});

test('refuse images of another size in one sentence', { timeout: 180_000 }, async () => {
  const failed = only(await run(pictures(1, 48), null), 'failed').map(({ message }) => message);
  expect(failed).toContain('The images are 3×48×48, but the network takes 3×32×32.');
});
