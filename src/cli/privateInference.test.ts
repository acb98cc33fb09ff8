/** `serve`, `infer` and `deal` as processes of their own, against the fixed-point network in this one. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticDataSet } from '../data/dataset.ts';
import { sha256Hex } from '../domain/hash.ts';
import { encodeMasks, masksText } from '../domain/masksFile.ts';
import type { NetworkSpec } from '../domain/network.ts';
import { writeSafetensors } from '../engine/weights.ts';
import { compile } from '../inference/program.ts';
import { runFixed } from '../inference/plain.ts';
import { publicNetworkOf } from '../inference/publicNetwork.ts';
import { weightsOf } from '../inference/serverWeights.ts';
import { numbersFrom, randomTensors } from '../inference/testing.ts';

const NETWORK: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [1],
  widths: [2],
  stemGate: false,
  inputShape: [3, 32, 32],
  classes: 10,
};
const MEAN = [0.5, 0.4, 0.3];
const STD = [0.2, 0.25, 0.3];
const folder = join(mkdtempSync(join(tmpdir(), 'relu-studio-inference-')), 'run');
const tensors = randomTensors(NETWORK, 5);
const next = numbersFrom(8);
const trained = { 'layer1.0.gate1': { kept: Uint8Array.from({ length: 2048 }, () => (next() < 0.3 ? 1 : 0)) } };
const gates = { 'layer1.0.gate1': { kind: 'mask' as const, granularity: 'pixel' as const } };

async function writeRun(): Promise<void> {
  mkdirSync(folder);
  const weights = writeSafetensors(new Map(tensors));
  const masks = encodeMasks({
    about: {
      generator: { name: 'test', version: '0' },
      createdAt: '2026-11-21T00:00:00Z',
      dataset: { name: 'synthetic', trainImages: 10, validationImages: 0, testImages: 10, mean: MEAN, std: STD },
      method: { name: 'snl' },
      weights: { file: 'model.safetensors', sha256: await sha256Hex(weights) },
    },
    accuracy: { test: null, validation: null, denseTest: null },
    network: NETWORK,
    gates,
    trained,
  });
  writeFileSync(join(folder, 'masks.json'), masksText(masks));
  writeFileSync(join(folder, 'model.safetensors'), weights);
}

const children: ChildProcess[] = [];
const start = (...args: string[]): ChildProcess => {
  const child = spawn(process.execPath, ['scripts/cli.mjs', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  return child;
};

/** The address in a ready line. */
const ready = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    child.stderr!.on('data', (data) => {
      text += String(data);
      const address = /^ready:.*?(ws:\/\/[\w.:]+\d)/m.exec(text)?.[1];
      if (address) resolve(address);
    });
    child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });

interface Ended {
  code: number | null;
  out: string;
  error: string;
}

const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let out = '';
    let error = '';
    child.stdout!.on('data', (data) => (out += String(data)));
    child.stderr!.on('data', (data) => (error += String(data)));
    child.on('close', (code) => resolve({ code, out, error }));
  });

interface Inferred {
  images: number;
  classes: number[];
  logits: number[][];
  bytesSent: number;
  bytesReceived: number;
  rounds: number;
  comparisons: number;
  multiplexers: number;
  seconds: number;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });

let address: string;
beforeAll(async () => {
  await writeRun();
  address = await ready(start('serve', '--run', folder, '--port', '0'));
}, 180_000);
afterAll(() => children.forEach((child) => child.kill()));

/** Fixed-point logits of the first `count` built-in test images. */
function expectedLogits(count: number): number[][] {
  const network = publicNetworkOf(NETWORK, gates, trained, { mean: MEAN, std: STD });
  const program = compile(network);
  const { test: part } = syntheticDataSet(1, count, count);
  const images = Float64Array.from(part.images, (byte, i) => {
    const channel = Math.floor(i / 1024) % 3;
    return (byte / 255 - MEAN[channel]) / STD[channel];
  });
  const logits = runFixed(program, weightsOf(program, tensors, trained), images);
  return Array.from({ length: count }, (_, i) => Array.from(logits.subarray(10 * i, 10 * i + 10)));
}

function check(result: Inferred, count: number): void {
  const expected = expectedLogits(count);
  expect(result.images).toBe(count);
  result.logits.forEach((row, i) =>
    row.forEach((logit, k) => expect(Math.abs(logit - expected[i][k])).toBeLessThan(0.002)),
  );
  expect(result.classes).toEqual(expected.map((row) => row.indexOf(Math.max(...row))));
}

describe('two processes', { timeout: 180_000 }, () => {
  test('give the logits of the fixed-point network and count exactly', async () => {
    const { code, out, error } = await ended(
      start('infer', '--connect', address, '--data', 'synthetic', '--images', '3', '--batch', '2', '--json'),
    );
    expect(error).not.toContain('rror');
    expect(code).toBe(0);
    const result = JSON.parse(out) as Inferred;
    check(result, 3);
    const kept = trained['layer1.0.gate1'].kept.reduce((sum, bit) => sum + bit, 0);
    expect(result).toMatchObject({ comparisons: 3 * (kept + 2048), multiplexers: 3 * (kept + 2048) });
    expect(result.bytesSent + result.bytesReceived).toBeGreaterThan(2000 * result.comparisons);
    expect(result.rounds).toBeGreaterThan(0);
  });

  test('with a dealer in a third process give the same', async () => {
    const dealer = await ready(start('deal', '--port', '0'));
    const server = await ready(start('serve', '--run', folder, '--port', '0', '--dealer', dealer));
    const { code, out } = await ended(
      start(
        'infer',
        '--connect',
        server,
        '--dealer',
        dealer,
        '--data',
        'synthetic',
        '--images',
        '1',
        '--mode',
        'streamed',
        '--json',
      ),
    );
    expect(code).toBe(0);
    check(JSON.parse(out) as Inferred, 1);
  });

  test('connect again when the server comes back', async () => {
    const port = await freePort();
    const client = start(
      'infer',
      '--connect',
      `ws://127.0.0.1:${port}`,
      '--data',
      'synthetic',
      '--images',
      '1',
      '--json',
    );
    const finished = ended(client);
    await new Promise<void>((resolve) =>
      client.stderr!.on('data', (data) => String(data).includes('Connecting again') && resolve()),
    );
    start('serve', '--run', folder, '--port', String(port));
    const { code, out } = await finished;
    expect(code).toBe(0);
    check(JSON.parse(out) as Inferred, 1);
  });

  test('say what is wrong with arguments in one line and exit 2', async () => {
    const { code, error } = await ended(start('infer', '--connect', 'localhost:1', '--data', 'synthetic'));
    expect({ code, error }).toEqual({ code: 2, error: '--connect is ws://HOST:PORT, not "localhost:1".\n' });
  });
});
