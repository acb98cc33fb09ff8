/** The files of a finished run. */
import { describe, expect, it } from 'vitest';
import type { Method } from '../domain/experiment.ts';
import { parseMasks } from '../domain/masksFile.ts';
import { readSafetensors, writeSafetensors } from '../engine/weights.ts';
import { exportMasks } from './exportMasks.ts';
import { importMasks } from './importMasks.ts';
import { rehearse, tinyExperiment, tinyPhase, tinyShare, tinySnl } from './testing.ts';
import type { FinishedRun } from './trainer.ts';

const NOW = '2026-11-21T08:00:00.000Z';

async function finished(methods: Method[]): Promise<FinishedRun> {
  const outcome = await rehearse(tinyExperiment(methods)).outcome;
  if (outcome.status !== 'done') throw new Error(outcome.status);
  return outcome.finished;
}

const CASES: [string, Method[]][] = [
  ['dense', []],
  ['snl', [tinySnl]],
  ['channel masks', [{ ...tinySnl, granularity: 'channel' }]],
  ['sharing', [tinyShare]],
  ['borrowed gates', [{ ...tinyShare, crossLayer: 'block' }]],
  ['snl over sharing', [tinyShare, tinySnl]],
  ['reuse', [{ name: 'reuse', groups: 2, train: tinyPhase(1), distillation: null }]],
];

describe.each(CASES)('%s', (name, methods) => {
  it('comes back from its two files as it was', async () => {
    const run = await finished(methods);
    const files = await exportMasks(run, NOW);
    const back = await importMasks(files.masks, files.weights);
    expect(back.sameWeights).toBe(true);
    expect(back.masks.network).toMatchObject(run.experiment.network);
    expect(back.masks.counts.total.drelus).toBe(run.result.drelus);
    expect(back.masks.counts.total.multiplications).toBe(run.result.multiplications);
    // A second export of what was read is the same file: nothing is lost on the way.
    const again = await exportMasks({ ...run, gates: back.gates, weights: back.weights }, NOW);
    expect(again.masks).toBe(files.masks);
    expect([...again.weights]).toEqual([...files.weights]);
    expect(parseMasks(files.masks).about.method).toMatchObject({
      name: name === 'dense' ? 'dense' : methods.map((m) => m.name).join('+'),
    });
  });
});

describe('exports', () => {
  it('of two identical runs are identical, the time aside', async () => {
    const [a, b] = [
      await exportMasks(await finished([tinySnl]), NOW),
      await exportMasks(await finished([tinySnl]), '2027-01-01T00:00:00.000Z'),
    ];
    expect(a.masks).not.toBe(b.masks);
    expect(a.masks.replace(NOW, '')).toBe(b.masks.replace('2027-01-01T00:00:00.000Z', ''));
    expect(a.weights).toEqual(b.weights);
  });

  it('hold prototypes at scale 1 and shift 0, whatever training left there', async () => {
    const run = await finished([tinyShare]);
    const { tensors } = readSafetensors((await exportMasks(run, NOW)).weights);
    const gate = run.gates['layer1.0.gate1'];
    if (gate.kind !== 'share') throw new Error(gate.kind);
    for (const channel of gate.prototypes) {
      expect(tensors.get('layer1.0.gate1.scale')!.data[channel]).toBe(1);
      expect(tensors.get('layer1.0.gate1.shift')!.data[channel]).toBe(0);
    }
    expect(run.weights.get('layer1.0.gate1.scale')!.data[gate.prototypes[0]]).not.toBe(1);
  });

  it('refuse masks that are still being trained', async () => {
    const run = await finished([tinySnl]);
    const weights = new Map(run.weights);
    const alpha = weights.get('layer1.0.gate1.alpha')!;
    weights.set('layer1.0.gate1.alpha', { ...alpha, data: alpha.data.map((value) => value * 0.5) });
    await expect(exportMasks({ ...run, weights }, NOW)).rejects.toThrow('still being trained');
  });

  it('are read with other repositories’ names, and said to be of another file', async () => {
    const files = await exportMasks(await finished([tinySnl]), NOW);
    const renamed = new Map(
      [...readSafetensors(files.weights).tensors].map(([key, value]) => [
        `module.${key.replace('downsample', 'shortcut').replace('fc.', 'linear.')}`,
        value,
      ]),
    );
    const back = await importMasks(files.masks, writeSafetensors(renamed));
    expect(back.sameWeights).toBe(false);
    expect(back.weights.get('layer2.0.downsample.0.weight')).toBeDefined();
  });

  it('lead to errors that name the tensor or the site', async () => {
    const files = await exportMasks(await finished([tinySnl]), NOW);
    const { tensors } = readSafetensors(files.weights);
    tensors.delete('layer1.0.conv2.weight');
    await expect(importMasks(files.masks, writeSafetensors(tensors))).rejects.toThrow('layer1.0.conv2.weight');
    const wrong = files.masks.replace(/"id":"layer2\.0\.gate1"(.*?)"kept":(\d+)/, '"id":"layer2.0.gate1"$1"kept":99');
    await expect(importMasks(wrong, files.weights)).rejects.toThrow(/^layer2\.0\.gate1: /);
  });
});

describe('a run that starts from a finished one', () => {
  it('finetunes its masks as they are', async () => {
    const run = await finished([tinySnl]);
    const files = await exportMasks(run, NOW);
    const start = await importMasks(files.masks, files.weights);
    const { outcome, trainer } = rehearse(tinyExperiment([], tinyPhase(2)), { start });
    const ended = await outcome;
    if (ended.status !== 'done') throw new Error(ended.status);
    expect(trainer.state.history.phases[0].title).toBe('Finetuning');
    expect(ended.finished.result.drelus).toBe(30);
    for (const [name, { data }] of run.weights)
      if (name.endsWith('.alpha')) expect([...ended.finished.weights.get(name)!.data]).toEqual([...data]);
      else if (name.endsWith('conv1.weight'))
        expect([...ended.finished.weights.get(name)!.data]).not.toEqual([...data]);
  });

  it('is the teacher of a method that needs no dense training of its own', async () => {
    const dense = await finished([]);
    const start = { gates: dense.gates, weights: dense.weights, denseTestAccuracy: 0.5 };
    const { outcome, trainer } = rehearse(tinyExperiment([tinySnl], tinyPhase(0)), { start });
    const ended = await outcome;
    expect(trainer.state.history.warnings).toEqual([]);
    expect(ended).toMatchObject({ status: 'done', finished: { result: { denseTestAccuracy: 0.5, drelus: 30 } } });
  });
});
