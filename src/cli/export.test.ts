/** `relu-studio export`: an imported run goes out in every format. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test, vi } from 'vitest';
import { onnxLogits } from '../../test/onnx.ts';
import { readRunArchive } from '../training/exports/runArchive.ts';
import { main } from './commands.ts';
import { exitCodeOf, oneLine } from './errors.ts';

const fixtures = fileURLToPath(new URL('../../test/fixtures/checkpoints', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'relu-studio-export-'));
const run = join(folder, 'imported run');
const { images: count } = JSON.parse(readFileSync(join(fixtures, 'cases.json'), 'utf8')) as { images: number };

async function command(...args: string[]) {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    return { code: await main(args), error: '' };
  } catch (error) {
    return { code: exitCodeOf(error), error: oneLine(error) };
  } finally {
    vi.restoreAllMocks();
  }
}

beforeAll(async () => {
  await command('import', '--weights', join(fixtures, 'snl.pth'), '--out', run);
});

test("the ONNX file of an imported checkpoint has PyTorch's logits", async () => {
  const out = join(folder, 'new', 'run.onnx');
  expect(await command('export', '--run', run, '--format', 'onnx', '--out', out)).toEqual({ code: 0, error: '' });
  const logits = await onnxLogits(
    readFileSync(out),
    {
      images: readFileSync(join(fixtures, 'images.raw')),
      labels: new Uint8Array(count),
      count,
      shape: [3, 32, 32],
      mean: [0.4914, 0.4822, 0.4465],
      std: [0.2023, 0.1994, 0.201],
    },
    count,
  );
  const expected = new Float32Array(new Uint8Array(readFileSync(join(fixtures, 'logits-snl.f32'))).buffer);
  const range = Math.max(...expected) - Math.min(...expected);
  expected.forEach((value, i) => expect(Math.abs(logits[i] - value)).toBeLessThan(1e-5 * range));
});

test('the zip file holds the run', async () => {
  const out = join(folder, 'run.zip');
  expect((await command('export', '--run', run, '--format', 'zip', '--out', out)).code).toBe(0);
  const { masks, experiment, name } = await readRunArchive(readFileSync(out), 'run.zip');
  expect(masks).toBe(readFileSync(join(run, 'masks.json'), 'utf8'));
  expect(name).toBe('snl');
  expect(experiment.network.widths).toEqual([4, 6]);
});

test('a run exported as one file is imported as the run that it was', async () => {
  const out = join(folder, 'mine.relu-studio.zip');
  const back = join(folder, 'back');
  await command('export', '--run', run, '--format', 'zip', '--out', out);
  expect(await command('import', '--weights', out, '--out', back)).toEqual({ code: 0, error: '' });
  for (const file of ['masks.json', 'model.safetensors'])
    expect(readFileSync(join(back, file)).equals(readFileSync(join(run, file)))).toBe(true);
});

test.each([
  ['an unknown format', ['--run', run, '--format', 'caffe', '--out', 'x'], /--format is zip, onnx, .*not "caffe"/],
  ['no run', ['--run', folder, '--format', 'csv', '--out', 'x'], /masks\.json/],
  ['no file', ['--run', run, '--format', 'csv'], /--out is missing/],
])('%s ends with code 2 and one sentence', async (_, args, sentence) => {
  const { code, error } = await command('export', ...args);
  expect(code).toBe(2);
  expect(error).toMatch(sentence);
});
