/** Trains a tiny run with its trace into a folder, as `relu-studio train --trace` does, with its images beside for PyTorch. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFinishedRun } from '../../src/cli/finishedRun.ts';
import { arrange, syntheticDataSet, type ArrangedData } from '../../src/data/dataset.ts';
import type { Experiment } from '../../src/domain/experiment.ts';
import type { Engine, EngineSettings } from '../../src/engine/api.ts';
import { writeSafetensors } from '../../src/engine/weights.ts';
import type { EpochRecord } from '../../src/training/events.ts';
import { exportMasks } from '../../src/training/exportMasks.ts';
import { Trainer } from '../../src/training/trainer.ts';
import { FolderTrace } from './folderTrace.ts';

export const IMAGES = 'images.safetensors';

const dataOf = ({ dataset, seed, network }: Experiment): ArrangedData =>
  arrange(
    syntheticDataSet(dataset.syntheticSeed, dataset.trainImages, dataset.testImages),
    dataset,
    seed,
    network.inputShape,
  );

/** The arranged images, part by part. */
function imagesFile({ images, train, validation, test }: ArrangedData): Uint8Array {
  const [channels, height, width] = images.shape;
  const size = channels * height * width;
  const part = (name: string, from: number, count: number) =>
    [
      [
        `${name}.images`,
        {
          shape: [count, channels, height, width],
          data: Float32Array.from(images.images.subarray(from * size, (from + count) * size)),
        },
      ],
      [`${name}.labels`, { shape: [count], data: Float32Array.from(images.labels.subarray(from, from + count)) }],
    ] as const;
  const trained = train.length + validation.length;
  return writeSafetensors(new Map([...part('train', 0, trained), ...part('test', trained, test.length)]));
}

/**
 * @param from folder of the finished run that this one starts from
 * @throws what the run failed of
 */
export async function trainTraced(
  experiment: Experiment,
  folder: string,
  createEngine: (settings: EngineSettings) => Engine,
  from: string | null = null,
): Promise<void> {
  const data = dataOf(experiment);
  await mkdir(join(folder, 'trace'), { recursive: true });
  const epochs: EpochRecord[] = [];
  const trainer = new Trainer({
    experiment,
    data,
    createEngine,
    emit: (event) => void (event.type === 'epoch' && epochs.push(event.record)),
    start: from === null ? null : (await readFinishedRun(from)).run,
    trace: new FolderTrace(join(folder, 'trace')),
  });
  const outcome = await trainer.run();
  if (outcome.status !== 'done') throw outcome.status === 'failed' ? outcome.error : new Error(outcome.status);
  const { masks, weights } = await exportMasks(outcome.finished, '2026-11-21T08:00:00Z');
  const record = { experiment, status: 'done', result: outcome.finished.result, from };
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  await writeFile(join(folder, 'metrics.jsonl'), epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(''));
  await writeFile(join(folder, 'masks.json'), masks);
  await writeFile(join(folder, 'model.safetensors'), weights);
  await writeFile(join(folder, IMAGES), imagesFile(data));
}
