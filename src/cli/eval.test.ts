/** What `eval` refuses before it opens a GPU: data that are not those of the run or do not fit its network. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { cifar100 } from '../data/testing.ts';
import { exportMasks } from '../training/exportMasks.ts';
import { rehearse, tinyExperiment } from '../training/testing.ts';
import { exitCodeOf } from './errors.ts';
import { evaluate } from './eval.ts';

const folder = mkdtempSync(join(tmpdir(), 'relu-studio-eval-'));
const data = join(folder, 'shard.bin');

/** A run on the built-in data; the same as if another program had named its data set; one of more classes. */
beforeAll(async () => {
  const exported = async (classes: number) => {
    const network = { ...tinyExperiment([]).network, classes };
    const outcome = await rehearse(tinyExperiment([], undefined, { network })).outcome;
    if (outcome.status !== 'done') throw new Error(outcome.status);
    const { masks, weights } = await exportMasks(outcome.finished, '2026-11-21T08:00:00Z');
    writeFileSync(join(folder, `model-${classes}.safetensors`), weights);
    return masks.replace('model.safetensors', `model-${classes}.safetensors`);
  };
  const foreign = (masks: string) => masks.replace('"name":"synthetic"', '"name":"my own"');
  const ten = await exported(10);
  writeFileSync(join(folder, 'synthetic.json'), ten);
  writeFileSync(join(folder, 'other.json'), foreign(ten));
  writeFileSync(join(folder, 'hundred.json'), foreign(await exported(100)));
  writeFileSync(data, cifar100(10));
});

it.each<[string, string[], RegExp]>([
  [
    'other data',
    ['synthetic.json', '--data', `test=${data}`],
    /this is CIFAR-100, but the run was trained on the built-in data/,
  ],
  ['no data', ['other.json'], /--data: name the files, archive or folder of the data set/],
  ['too many classes', ['other.json', '--data', `test=${data}`], /have 100 classes, but the network 10/],
  ['no images of the split', ['hundred.json', '--data', `train=${data}`], /--data holds no test images/],
])('%s', async (_, [run, ...args], message) => {
  const error: unknown = await evaluate(['--run', join(folder, run), ...args]).catch((caught: unknown) => caught);
  expect((error as Error).message).toMatch(message);
  expect(exitCodeOf(error)).toBe(2);
});
