/** `relu-studio import`: checkpoints that PyTorch wrote become run folders; what cannot be used is refused with one sentence. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { readSafetensors, writeSafetensors } from '../engine/weights.ts';
import { readFinishedRun } from './finishedRun.ts';
import { main } from './commands.ts';
import { exitCodeOf, oneLine } from './errors.ts';

const fixtures = fileURLToPath(new URL('../../test/fixtures/checkpoints', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'relu-studio-import-'));
let runs = 0;

interface Report {
  network: { stemGate: boolean; inputShape: number[]; blocks: number[]; widths: number[] };
  dataset: { name: string; mean: number[]; std: number[] };
  assumptions: string[];
  drelus: number;
}

async function run(...args: string[]) {
  const out = join(folder, `run-${runs++}`);
  let text = '';
  let told = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => ((text += String(part)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => ((told += String(part)), true));
  try {
    const code = await main(['import', '--out', out, '--json', ...args]);
    return { code, out, told, report: JSON.parse(text) as Report };
  } catch (error) {
    return { code: exitCodeOf(error), out, told, error: oneLine(error) };
  } finally {
    vi.restoreAllMocks();
  }
}
afterEach(() => vi.restoreAllMocks());

const fixture = (name: string) => join(fixtures, name);

describe('a checkpoint becomes the folder of a finished run', () => {
  test('dense weights: ReLUs everywhere, the stem included, until told otherwise', async () => {
    const { code, out, report, told } = await run('--weights', fixture('kuangliu-net.pth'));
    expect(code).toBe(0);
    expect(report!.network).toMatchObject({ blocks: [1, 2], widths: [4, 6], stemGate: true, inputShape: [3, 32, 32] });
    // Stem and stage 1: 3 sites of 4·32·32; stage 2: 4 sites of 6·16·16.
    expect(report!.drelus).toBe(3 * 4 * 1024 + 4 * 6 * 256);
    expect(told).toMatch(/note: A ReLU is taken to follow the stem/);
    const { run: read } = await readFinishedRun(out);
    expect(read.sameWeights).toBe(true);
    const expected = readSafetensors(readFileSync(fixture('weights-kuangliu.safetensors'))).tensors;
    for (const [name, { data }] of expected) expect(read.weights.get(name)!.data).toEqual(data);
    expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).toMatchObject({
      status: 'done',
      experiment: { dataset: { name: 'cifar-10' }, methods: [] },
    });
  });

  test('what is assumed can be told', async () => {
    const { report, told } = await run(
      '--weights',
      fixture('torchvision.pt'),
      '--stem-gate',
      'no',
      '--size',
      '16',
      '--dataset',
      'synthetic',
      '--mean',
      '0.5,0.4,0.3',
      '--std',
      '0.2,0.2,0.1',
    );
    expect(report!.network).toMatchObject({ stemGate: false, inputShape: [3, 16, 16] });
    expect(report!.dataset).toEqual({ name: 'synthetic', mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.1] });
    expect(told).toBe('');
  });

  test("SNL's masks come along", async () => {
    const { out, report } = await run('--weights', fixture('snl.pth'));
    expect(report!.network.stemGate).toBe(false);
    const expected = readSafetensors(readFileSync(fixture('weights-snl.safetensors'))).tensors;
    const { run: read } = await readFinishedRun(out);
    let kept = 0;
    for (const [name, { data }] of expected) {
      expect(read.weights.get(name)!.data).toEqual(data);
      if (name.endsWith('.alpha')) kept += data.reduce((sum, value) => sum + value, 0);
    }
    expect(kept).toBeGreaterThan(1000);
    expect(report!.drelus).toBe(kept);
  });

  test('masks.json decides network and gates where it is given', async () => {
    const first = await run('--weights', fixture('snl.pth'));
    const masks = join(first.out, 'masks.json');
    const { out, report } = await run('--weights', fixture('snl-old.pth.tar'), '--masks', masks);
    expect(report!.drelus).toBe(first.report!.drelus);
    expect(readFileSync(join(out, 'masks.json'), 'utf8')).toBe(readFileSync(masks, 'utf8'));
  });
});

describe('refused with code 2 and one sentence', () => {
  test.each([
    ['a pickle that would run something', ['--weights', fixture('evil.pt')], /posix\.system.*Nothing of it was run/],
    ['two names of one tensor', ['--weights', fixture('two-names.pt')], /"module\.fc\.bias" stand for "fc\.bias"/],
    ['no such file', ['--weights', fixture('none.pt')], /none\.pt: there is no such file/],
    ['an unknown data set', ['--weights', fixture('snl.pth'), '--dataset', 'mnist'], /--dataset is cifar-10/],
    ['too few means', ['--weights', fixture('snl.pth'), '--mean', '1,2'], /--mean takes 3 numbers/],
    ['a size beside masks', ['--weights', fixture('snl.pth'), '--size', '64'], /"layer1\.0\.gate1\.alpha" has shape/],
  ])('%s', async (_, args, sentence) => {
    const { code, error } = await run(...args);
    expect(code).toBe(2);
    expect(error).toMatch(sentence);
  });

  test('differences are listed, expected beside found', async () => {
    const { tensors } = readSafetensors(readFileSync(fixture('weights-torchvision.safetensors')));
    tensors.delete('layer2.1.bn2.weight');
    tensors.set('layer2.0.conv2.weight', { shape: [6, 4, 3, 3], data: new Float32Array(216) });
    const file = join(folder, 'wrong.safetensors');
    writeFileSync(file, writeSafetensors(tensors));
    const { code, told, error } = await run('--weights', file);
    expect(code).toBe(2);
    expect(error).toMatch(/2 parameters differ/);
    expect(told).toMatch(/layer2\.0\.conv2\.weight +\[6, 6, 3, 3\] +\[6, 4, 3, 3\]/);
    expect(told).toMatch(/layer2\.1\.bn2\.weight +\[6\] +none/);
  });

  test('a folder that holds a run is not written over', async () => {
    const { out } = await run('--weights', fixture('torchvision.pt'));
    const { code, error } = await run('--weights', fixture('torchvision.pt'), '--out', out);
    expect(code).toBe(2);
    expect(error).toMatch(/holds a run already/);
  });
});
