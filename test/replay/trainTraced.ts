/** Trains a tiny run with its trace into a folder, as `relu-studio train --trace` does, with its images beside for PyTorch. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFinishedRun } from '../../src/cli/finishedRun.ts';
import { TraceFolder } from '../../src/cli/traceFolder.ts';
import { arrange, syntheticDataSet, type ArrangedData } from '../../src/data/dataset.ts';
import type { Experiment } from '../../src/domain/experiment.ts';
import type { Engine, EngineSettings, TensorMap } from '../../src/engine/api.ts';
import { writeSafetensors } from '../../src/engine/weights.ts';
import type { EpochRecord } from '../../src/training/events.ts';
import { exportMasks } from '../../src/training/exportMasks.ts';
import { Trainer } from '../../src/training/trainer.ts';

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
  const tensors: TensorMap = new Map();
  const add = (part: string, from: number, count: number) => {
    const pixels = images.images.subarray(from * size, (from + count) * size);
    tensors.set(`${part}.images`, { shape: [count, channels, height, width], data: Float32Array.from(pixels) });
    const labels = images.labels.subarray(from, from + count);
    tensors.set(`${part}.labels`, { shape: [count], data: Float32Array.from(labels) });
  };
  const trained = train.length + validation.length;
  add('train', 0, trained);
  add('test', trained, test.length);
  return writeSafetensors(tensors);
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
  await mkdir(folder, { recursive: true });
  const trace = new TraceFolder(join(folder, 'trace'));
  await trace.prepare(null);
  const epochs: EpochRecord[] = [];
  const trainer = new Trainer({
    experiment,
    data,
    createEngine,
    emit: (event) => void (event.type === 'epoch' && epochs.push(event.record)),
    start: from === null ? null : (await readFinishedRun(from)).run,
    trace,
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
