/** `serve`, `infer` and `deal` as processes of their own, against the fixed-point network in this one. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { syntheticDataSet } from '../data/dataset.ts';
import { compile } from '../inference/program.ts';
import { runFixed } from '../inference/plain.ts';
import { publicNetworkOf } from '../inference/publicNetwork.ts';
import { weightsOf } from '../inference/serverWeights.ts';
import {
  MEAN,
  PRIVATE_DRELUS,
  PRIVATE_NETWORK,
  privateGates,
  privateRunFiles,
  privateTensors,
  privateTrained,
  STD,
} from '../../test/privateRun.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'relu-studio-inference-')), 'run');

async function writeRun(): Promise<void> {
  const { masks, weights } = await privateRunFiles();
  mkdirSync(folder);
  writeFileSync(join(folder, 'masks.json'), masks);
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
  const network = publicNetworkOf(PRIVATE_NETWORK, privateGates, privateTrained, { mean: MEAN, std: STD });
  const program = compile(network);
  const { test: part } = syntheticDataSet(1, count, count);
  const images = Float64Array.from(part.images, (byte, i) => {
    const channel = Math.floor(i / 1024) % 3;
    return (byte / 255 - MEAN[channel]) / STD[channel];
  });
  const logits = runFixed(program, weightsOf(program, privateTensors, privateTrained), images);
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
    expect(result).toMatchObject({ comparisons: 3 * PRIVATE_DRELUS, multiplexers: 3 * PRIVATE_DRELUS });
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
