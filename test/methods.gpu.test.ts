/**
 * Runs of every method, trained for a few steps on the built-in data: the studio, onnxruntime and PyTorch (where it is installed)
 * agree on 1,000 images. In PyTorch each is also finetuned and saved; the studio then reads what PyTorch wrote.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arrange, syntheticDataSet } from '../src/data/dataset.ts';
import { experimentSchema, type Experiment, type Method } from '../src/domain/experiment.ts';
import { deepshareMethod } from '../src/domain/methods/deepshare.ts';
import { descriptorOf, METHOD_ORDER } from '../src/domain/methods/registry.ts';
import { SNL_QUICK } from '../src/domain/methods/snl.ts';
import type { NetworkSpec } from '../src/domain/network.ts';
import { quickPhase } from '../src/domain/phase.ts';
import { network } from '../src/domain/presets.ts';
import type { ImageSet } from '../src/engine/api.ts';
import { exportMasks } from '../src/training/exportMasks.ts';
import { onnxModel } from '../src/training/exports/onnx.ts';
import { importMasks, type ImportedRun } from '../src/training/importMasks.ts';
import { Trainer } from '../src/training/trainer.ts';
import { agreement, onnxLogits, type Agreement } from './onnx.ts';
import { openGpuForTests } from './openGpu.ts';
import { pythonWithTorch, runPython } from './python.ts';

const IMAGES = 1000;
const CLASSES = 10;

const small = network(4, { widths: [4, 6, 8, 12], blocks: [1, 2, 1, 1], stemGate: true });
const wide: NetworkSpec = { ...small, family: 'wide-resnet', blocks: [1, 1], widths: [16, 12], finalGate: true };

/** Settings for a few steps: one epoch a phase, masks that fall fast. */
const shortened = (method: Method): Method => {
  const limits: Record<string, number> = { epochs: 1, maxEpochs: 4 };
  const fixed: Record<string, number> = { batch: 32, maskLearningRate: 0.1, checkEverySteps: 2 };
  const text = JSON.stringify(method, (key, value: unknown) =>
    key in limits && typeof value === 'number' ? Math.min(value, limits[key]) : key in fixed ? fixed[key] : value,
  );
  return JSON.parse(text) as Method;
};

const alone = METHOD_ORDER.map((name): [string, NetworkSpec, Method[]] => [
  name,
  small,
  [shortened(descriptorOf(name).defaults({ quick: true, network: small }))],
]);
const shared = deepshareMethod(0.4, 4, quickPhase(1), quickPhase(1));
const snl = shortened({ ...SNL_QUICK, budget: { kind: 'share', share: 0.4 } });
const CASES: [string, NetworkSpec, Method[]][] = [
  ['dense', small, []],
  ...alone,
  ['snl by channel', small, [{ ...snl, granularity: 'channel' } as Method]],
  ['deepshare across layers, then snl', small, [shortened({ ...shared, crossLayer: 'stage' }), snl]],
  ['snl in a pre-activation network', wide, [snl]],
];

const script = fileURLToPath(new URL('./pytorch/check_export.py', import.meta.url));

function experimentOf(spec: NetworkSpec, methods: Method[]): Experiment {
  return experimentSchema.parse({
    format: 'relu-studio/experiment',
    version: 1,
    name: 'round trip',
    seed: 5,
    dataset: { name: 'synthetic', trainImages: 160, testImages: IMAGES, validationShare: 0.2, syntheticSeed: 2 },
    augment: { cropPadding: 2, flip: true },
    network: spec,
    dense: { ...quickPhase(1, 0.05), batch: 32 },
    methods,
    selection: 'last',
  });
}

describe('runs of every method in other programs', () => {
  const gpu = openGpuForTests();
  const python = pythonWithTorch();
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'relu-studio-methods-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function logitsOf(run: ImportedRun, images: ImageSet, from: number): Promise<Float32Array> {
    const { createEngine } = await import('../src/engine/createEngine.ts');
    const engine = createEngine('studio', gpu(), { network: run.masks.network, gates: run.gates, batch: 100 });
    try {
      engine.setData(images);
      engine.setWeights(run.weights);
      return await engine.logits(Uint32Array.from({ length: IMAGES }, (_, i) => from + i));
    } finally {
      engine.dispose();
    }
  }

  it.each(CASES)('%s', { timeout: 300_000 }, async (name, spec, methods) => {
    const { createEngine } = await import('../src/engine/createEngine.ts');
    const experiment = experimentOf(spec, methods);
    const data = arrange(syntheticDataSet(2, 160, IMAGES), experiment.dataset, experiment.seed);
    const trainer = new Trainer({
      experiment,
      data,
      createEngine: (settings) => createEngine('studio', gpu(), settings),
      emit: () => {},
    });
    const outcome = await trainer.run();
    if (outcome.status !== 'done') throw outcome.status === 'failed' ? outcome.error : new Error('stopped');
    const files = await exportMasks(outcome.finished, '2026-11-21T08:00:00Z');
    const run = await importMasks(files.masks, files.weights);
    // The test images stand after the training images.
    const from = data.test[0];
    const size = data.images.shape.reduce((product, n) => product * n, 1);
    const test: ImageSet = {
      ...data.images,
      images: data.images.images.subarray(from * size, (from + IMAGES) * size),
      labels: data.images.labels.subarray(from, from + IMAGES),
      count: IMAGES,
    };
    const logits = await logitsOf(run, data.images, from);

    const onnx = agreement(await onnxLogits(onnxModel(run), test, IMAGES), logits, CLASSES);
    const continuous = !Object.values(run.gates).some(({ kind }) => kind === 'share');
    const agrees = (found: Agreement) => {
      expect(found.sameClass).toBe(1);
      expect(found.near).toBeGreaterThanOrEqual(0.995);
      if (continuous) expect(found.error).toBeLessThan(1e-4);
    };
    agrees(onnx);

    if (!python) return;
    const place = join(folder, name.replace(/\W/g, '-'));
    const tuned = join(place, 'tuned');
    mkdirSync(place);
    writeFileSync(join(place, 'masks.json'), files.masks);
    writeFileSync(join(place, 'model.safetensors'), files.weights);
    writeFileSync(join(place, 'images.raw'), test.images);
    const args = ['--raw', join(place, 'images.raw'), '--write', join(place, 'logits.f32'), '--finetune', tuned];
    const report = JSON.parse(runPython(python, script, [place, ...args])) as Record<string, number>;
    const read = (file: string) => new Float32Array(new Uint8Array(readFileSync(file)).buffer);
    const torch = agreement(read(join(place, 'logits.f32')), logits, CLASSES);
    agrees(torch);
    expect(report.drelus).toBe(outcome.finished.result.drelus);
    expect(report.multiplications).toBe(outcome.finished.result.multiplications);

    // PyTorch finetuned and saved: the studio reads it, and computes what PyTorch computes.
    expect(report.moved).toBeGreaterThan(1e-3);
    const back = await importMasks(
      readFileSync(join(tuned, 'masks.json'), 'utf8'),
      new Uint8Array(readFileSync(join(tuned, 'model.safetensors'))),
    );
    expect(back.sameWeights).toBe(true);
    expect(back.masks.accuracy).toMatchObject({ test: 0.25, validation: null });
    agrees(agreement(await logitsOf(back, data.images, from), read(join(tuned, 'logits.f32')), CLASSES));
  });
});
