/** What `train` refuses before it opens a GPU where the folder holds an interrupted run: other data, damaged checkpoints, a late trace. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { arrange, syntheticDataSet } from '../data/dataset.ts';
import { experimentSchema } from '../domain/experiment.ts';
import { presetOf } from '../domain/presets.ts';
import { encodeCheckpoint } from '../training/checkpoint.ts';
import { dataRecordOf } from '../training/provenance.ts';
import { freshState, freshTensors } from '../training/state.ts';
import { main } from './commands.ts';
import { EXIT, exitCodeOf, oneLine } from './errors.ts';
import { RunFolder, type RunRecord } from './runFolder.ts';

const place = mkdtempSync(join(tmpdir(), 'relu-studio-resume-'));
afterAll(() => rmSync(place, { recursive: true }));

const dense = presetOf('dense-quick');
const experiment = experimentSchema.parse({
  ...dense,
  network: { ...dense.network, widths: [2, 2, 2, 2], blocks: [1, 1, 1, 1] },
  dataset: { ...dense.dataset, name: 'synthetic', trainImages: 300, testImages: 30 },
});
const file = join(place, 'experiment.json');
writeFileSync(file, JSON.stringify(experiment));
const { dataset, seed, network } = experiment;
const data = arrange(
  syntheticDataSet(dataset.syntheticSeed, dataset.trainImages, dataset.testImages),
  dataset,
  seed,
  network.inputShape,
);
const now = await dataRecordOf(data);

let folders = 0;
/** A folder with an interrupted run; `steps` of its checkpoints. */
async function interrupted(steps: number[], record: RunRecord['data'] = { ...now }): Promise<RunFolder> {
  const folder = new RunFolder(join(place, `run-${folders++}`));
  await folder.create();
  await folder.writeRun({
    format: 'relu-studio/run',
    version: 1,
    experiment,
    status: 'running',
    createdAt: '2026-11-21T08:00:00Z',
    data: record,
    from: null,
  });
  for (const step of steps) {
    const state = { ...freshState(experiment, null), step };
    await folder.checkpoints.write(encodeCheckpoint({ state, tensors: freshTensors(experiment, null) }), { step });
  }
  return folder;
}

async function refusal(folder: RunFolder, ...more: string[]): Promise<string> {
  const args = ['train', '--experiment', file, '--data', 'synthetic', '--out', folder.path, ...more];
  const error: unknown = await main(args).then(
    () => new Error('It was not refused.'),
    (cause: unknown) => cause,
  );
  expect(exitCodeOf(error)).toBe(EXIT.input);
  return oneLine(error);
}

describe('an interrupted run', () => {
  it.each([
    [{ ...now, train: now.train + 50 }, `${now.train + 50} training images then, ${now.train} now`],
    [{ ...now, imagesSha256: '0'.repeat(64) }, 'as many images, but other pixels or labels'],
    [{ ...now, splitSha256: '0'.repeat(64) }, 'the same images, but split differently'],
    [{ train: now.train, validation: now.validation, test: now.test, sha256: '0' }, 'other pixels or labels'],
    [{ train: 1, validation: now.validation, test: now.test, sha256: '0' }, '1 training images then'],
  ])('is not continued with other data: %o', async (record, change) => {
    const error = await refusal(await interrupted([5], record));
    expect(error).toContain('was trained with other data');
    expect(error).toContain(change);
    expect(error).toContain('--restart');
  });

  it('whose checkpoints are all damaged offers a restart; so does one recorded by an older version', async () => {
    const { images } = data;
    const sha256 = createHash('sha256').update(images.labels).update(images.images).digest('hex');
    const { train, validation, test } = now;
    for (const record of [{ ...now }, { train, validation, test, sha256 }]) {
      const folder = await interrupted([5, 10], record);
      for (const slot of [0, 1]) writeFileSync(join(folder.path, `checkpoint-${slot}.safetensors`), 'damaged');
      expect(await refusal(folder)).toMatch(/No checkpoint of this run can be used .* Give --restart to train/);
    }
  });

  it('gives its checkpoint before the latest where that is damaged', async () => {
    const folder = await interrupted([5, 10]);
    writeFileSync(join(folder.path, 'checkpoint-1.safetensors'), 'damaged');
    const found = await folder.checkpoint();
    expect(found!.checkpoint.state.step).toBe(5);
    expect(found!.note).toContain('continues from the one before, at step 5');
    await folder.dropCheckpoint();
    expect(await folder.checkpoint()).toBeNull();
  });

  it('is not traced from its middle on', async () => {
    expect(await refusal(await interrupted([5]), '--trace')).toContain('started without --trace');
  });
});
