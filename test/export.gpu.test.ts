/**
 * PyTorch reproduces exported networks from masks.json and model.safetensors alone, and onnxruntime from the ONNX file: every kind
 * of gate, both families, weights of the random fixtures with binarized masks.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFixture } from '../src/cli/fixtureFolder.ts';
import { gateMapOf } from '../src/domain/composition.ts';
import type { Method } from '../src/domain/experiment.ts';
import { encodeMasks, masksText } from '../src/domain/masksFile.ts';
import { quickPhase } from '../src/domain/phase.ts';
import type { TensorMap } from '../src/engine/api.ts';
import { writeSafetensors } from '../src/engine/weights.ts';
import { splitGateParameters } from '../src/training/exportMasks.ts';
import { onnxModel } from '../src/training/exports/onnx.ts';
import { importMasks } from '../src/training/importMasks.ts';
import { agreement, onnxLogits } from './onnx.ts';
import { openGpuForTests } from './openGpu.ts';
import { pythonWithTorch, runPython } from './python.ts';

const python = pythonWithTorch();
const GATE_PARAMETER = /\.(alpha|scale|shift)$/;

const train = quickPhase(1, 0.05);
const COARSE: Method = { name: 'deepreduce', cull: [1], thin: [2, 3], thinKeeps: 'second', train, distillation: null };
const REUSE: Method = { name: 'reuse', groups: 3, train, distillation: null };
/** A random fixture, and the methods whose gates replace its own; null: its own gates. */
const CASES: [string, string, Method[] | null][] = [
  ['everything', 'gates of every kind', null],
  ['wide-everything', 'gates of every kind', null],
  ['borrowed-chains', 'sharing across several sites', null],
  ['wide-dense', 'plain ReLUs', null],
  ['everything', 'culled and thinned', [COARSE]],
  ['everything', 'ReLU-reuse', [REUSE]],
  ['wide-dense', 'culled, thinned, then ReLU-reuse', [COARSE, REUSE]],
];

const script = (name: string) => fileURLToPath(new URL(`./pytorch/${name}`, import.meta.url));

describe.skipIf(!python)('an exported network in PyTorch', () => {
  const gpu = openGpuForTests();
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'relu-studio-export-'));
    runPython(python!, script('random_fixtures.py'), [folder, '77']);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(CASES)('has the same logits and DReLU count: %s, %s', { timeout: 120_000 }, async (name, _, methods) => {
    const { createEngine } = await import('../src/engine/createEngine.ts');
    const { network, gates: drawn, images, tensors } = await loadFixture(join(folder, name));
    const gates = methods ? gateMapOf({ network, methods }) : drawn;
    const weights: TensorMap = new Map();
    for (const [key, { shape, data }] of tensors) {
      // Parameters of the fixture's own gates do not apply to other gates.
      if (!key.startsWith('before/') || (methods && GATE_PARAMETER.test(key))) continue;
      weights.set(key.slice('before/'.length), {
        shape,
        data: key.endsWith('.alpha') ? data.map((alpha) => (alpha > 0.5 ? 1 : 0)) : data,
      });
    }

    const engine = createEngine('studio', gpu(), { network, gates, batch: 4 });
    engine.setData(images);
    engine.setWeights(weights);
    const logits = await engine.logits(Uint32Array.from({ length: images.count }, (_, i) => i));
    const { model, trained } = splitGateParameters(network, gates, await engine.weights());
    engine.dispose();

    const run = mkdtempSync(join(folder, `${name}-run-`));
    const file = writeSafetensors(model);
    const masks = encodeMasks({
      about: {
        generator: { name: 'relu-studio', version: '0.0.0' },
        createdAt: '2026-11-21T08:00:00Z',
        dataset: {
          name: 'noise',
          trainImages: 0,
          validationImages: 0,
          testImages: images.count,
          mean: images.mean,
          std: images.std,
        },
        method: { name: 'random' },
        weights: { file: 'model.safetensors', sha256: createHash('sha256').update(file).digest('hex') },
      },
      accuracy: { test: null, validation: null, denseTest: null },
      network,
      gates,
      trained,
    });
    writeFileSync(join(run, 'masks.json'), masksText(masks));
    writeFileSync(join(run, 'model.safetensors'), file);
    writeFileSync(join(run, 'images.raw'), images.images);
    writeFileSync(join(run, 'logits.f32'), logits);

    const output = runPython(python!, script('check_export.py'), [
      run,
      '--raw',
      join(run, 'images.raw'),
      '--logits',
      join(run, 'logits.f32'),
    ]);
    const report = JSON.parse(output) as {
      images: number;
      drelus: number;
      multiplications: number;
      error: number;
      sameClass: number;
    };
    expect(report.error).toBeLessThan(2e-5);
    expect(report.sameClass).toBe(1);
    expect(report.images).toBe(images.count);
    expect(report.drelus).toBe(masks.metrics.drelus);
    expect(report.multiplications).toBe(masks.metrics.multiplications);
    expect(report.drelus).toBeGreaterThan(0);

    const read = await importMasks(masksText(masks), file);
    const onnx = await onnxLogits(onnxModel(read), images, images.count);
    const { error, sameClass } = agreement(onnx, logits, network.classes);
    expect(error).toBeLessThan(2e-5);
    expect(sameClass).toBe(1);
  });
});
