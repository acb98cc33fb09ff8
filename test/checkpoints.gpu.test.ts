/** PyTorch's checkpoints, imported, give in the studio the logits that PyTorch gives: every form of file, ResNet-18 where PyTorch is. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { examineWeights, importWeights, normalisationOf, readForeignWeights } from '../src/training/importWeights.ts';
import { importMasks } from '../src/training/importMasks.ts';
import { agreement } from './onnx.ts';
import { openGpuForTests } from './openGpu.ts';
import { pythonWithTorch, runPython } from './python.ts';

interface Cases {
  images: number;
  cases: { file: string; key: string }[];
}

const gpu = openGpuForTests();
const fixtures = fileURLToPath(new URL('./fixtures/checkpoints', import.meta.url));
const casesOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as Cases;
const bytesOf = (folder: string, file: string) => new Uint8Array(readFileSync(join(folder, file)));

/** Imports a checkpoint as the command line does without options, and compares with PyTorch's logits. */
async function compare(folder: string, file: string, key: string, count: number) {
  const tensors = await readForeignWeights(bytesOf(folder, file), file);
  const { network } = examineWeights(tensors);
  const { mean, std } = normalisationOf('cifar-10', 3);
  const { files } = await importWeights({ tensors, file, network, dataset: 'cifar-10', mean, std });
  const run = await importMasks(files.masks, files.weights);
  const { createEngine } = await import('../src/engine/createEngine.ts');
  const engine = createEngine('studio', gpu(), { network, gates: run.gates, batch: count });
  try {
    const images = bytesOf(folder, 'images.raw');
    engine.setData({ images, labels: new Uint8Array(count), count, shape: [3, 32, 32], mean, std });
    engine.setWeights(run.weights);
    const logits = await engine.logits(Uint32Array.from({ length: count }, (_, i) => i));
    return agreement(logits, new Float32Array(bytesOf(folder, `logits-${key}.f32`).buffer), 10);
  } finally {
    engine.dispose();
  }
}

const small = casesOf(fixtures);
it.each(small.cases)('$file', async ({ file, key }) => {
  const { error, sameClass } = await compare(fixtures, file, key, small.images);
  expect(error).toBeLessThan(1e-5);
  expect(sameClass).toBe(1);
});

it.skipIf(!pythonWithTorch())('ResNet-18 in three naming schemes', { timeout: 280_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'relu-studio-resnet18-'));
  try {
    const script = fileURLToPath(new URL('./pytorch/checkpoints.py', import.meta.url));
    runPython(pythonWithTorch()!, script, [folder, '--resnet18']);
    const { images, cases } = casesOf(folder);
    expect(cases).toHaveLength(3);
    for (const { file, key } of cases) {
      const { error, sameClass } = await compare(folder, file, key, images);
      expect(error).toBeLessThan(1e-4);
      expect(sameClass).toBe(1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
