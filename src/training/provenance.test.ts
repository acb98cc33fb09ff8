/** A run continues with the data that it was trained with only; on another device it says so. */
import { describe, expect, it } from 'vitest';
import { FakeEngine } from './fakeEngine.ts';
import { dataChange, dataRecordOf } from './provenance.ts';
import type { Checkpoint } from './state.ts';
import { rehearse, tinyData, tinyExperiment, tinySnl, type RehearsalOptions } from './testing.ts';
import type { TrainingData } from './trainingData.ts';

const experiment = tinyExperiment([tinySnl]);

async function stopped(options: RehearsalOptions = {}): Promise<Checkpoint> {
  const { outcome, saved } = rehearse(experiment, {
    checkpointSeconds: 0,
    onEvent: (event, trainer) => event.type === 'step' && trainer.stop(),
    ...options,
  });
  expect((await outcome).status).toBe('stopped');
  return saved();
}

const withImage = (change: (data: TrainingData) => void): TrainingData => {
  const { images } = tinyData;
  const copy = {
    ...tinyData,
    images: { ...images, images: images.images.slice(), labels: images.labels.slice() },
    train: tinyData.train.slice(),
    validation: tinyData.validation.slice(),
  };
  change(copy);
  return copy;
};

describe('data', () => {
  it.each<[string, TrainingData, string]>([
    ['fewer images', { ...tinyData, train: tinyData.train.slice(4) }, '40 training images then, 36 now'],
    [
      'other parts',
      { ...tinyData, validation: tinyData.validation.slice(1), test: tinyData.test.slice(2) },
      '10 validation images then, 9 now; 20 test images then, 18 now',
    ],
    ['one other pixel', withImage(({ images }) => images.images.fill(1, 5, 6)), 'other pixels or labels'],
    ['one other label', withImage(({ images }) => images.labels.fill(1, 5, 6)), 'other pixels or labels'],
    [
      'another split',
      withImage(({ train, validation }) => {
        [train[0], validation[0]] = [validation[0], train[0]];
      }),
      'the same images, but split differently',
    ],
  ])('with %s is refused, and the error says what changed', async (_, data, change) => {
    const resume = await stopped();
    const outcome = await rehearse(experiment, { resume, data }).outcome;
    expect(outcome).toMatchObject({ status: 'failed', error: { name: 'CheckpointError' } });
    if (outcome.status === 'failed')
      expect(outcome.error.message).toMatch(new RegExp(`^This run was trained with other data \\(.*${change}\\)\\.`));
  });

  it('are the same whether labels take 8 or 16 bits', async () => {
    const wide = { ...tinyData, images: { ...tinyData.images, labels: Uint16Array.from(tinyData.images.labels) } };
    expect(dataChange(await dataRecordOf(tinyData), await dataRecordOf(wide))).toBeNull();
  });

  it('of more than one piece of 64 MB are compared to the last byte', async () => {
    const large = (last: number): TrainingData => {
      const images = new Uint8Array(64 * 2 ** 20 + 5);
      images[images.length - 1] = last;
      return { ...tinyData, images: { ...tinyData.images, images } };
    };
    expect(dataChange(await dataRecordOf(large(1)), await dataRecordOf(large(1)))).toBeNull();
    expect(dataChange(await dataRecordOf(large(1)), await dataRecordOf(large(2)))).toContain('other pixels');
  });

  it('are recorded, and the same data are accepted', async () => {
    const resume = await stopped();
    expect(resume.state.data).toEqual(await dataRecordOf(tinyData));
    expect((await rehearse(experiment, { resume }).outcome).status).toBe('done');
  });
});

describe('another device', () => {
  const on = (adapter: string, tiles?: string): RehearsalOptions => ({
    adapter: () => adapter,
    createEngine: (settings) => Object.assign(new FakeEngine(settings), tiles === undefined ? {} : { tiles }),
  });
  const warningsOf = async (resume: Checkpoint, options: RehearsalOptions) => {
    const { outcome, trainer } = rehearse(experiment, { resume, ...options });
    expect((await outcome).status).toBe('done');
    return trainer.state.history.warnings;
  };

  it('is allowed, and the run says that results differ', async () => {
    const resume = await stopped(on('Radeon'));
    expect(await warningsOf(resume, on('GeForce'))).toEqual([
      'Continued on another adapter (GeForce, before: Radeon): results differ in their last bits from those of an uninterrupted run.',
    ]);
  });

  it('with other kernel tiles says so too', async () => {
    const resume = await stopped(on('Radeon', 'a'));
    expect(resume.state.device).toEqual({ adapter: 'Radeon', tiles: 'a' });
    expect(await warningsOf(resume, on('Radeon', 'b'))).toEqual([
      'Continued with other kernel tiles: results differ in their last bits from those of an uninterrupted run.',
    ]);
  });

  it('is not mentioned where it is the same', async () => {
    expect(await warningsOf(await stopped(on('Radeon', 'a')), on('Radeon', 'a'))).toEqual([]);
  });
});
