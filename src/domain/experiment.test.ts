/** The experiment schema: what it refuses, in one sentence each, and what it fills in. */
import { describe, expect, it } from 'vitest';
import { experimentSchema, notesOn } from './experiment.ts';
import type { Experiment } from './experiment.ts';
import { presetOf } from './presets.ts';
import { readableIssue } from './readable.ts';

/** The complaint about a preset that was changed, or null. */
function complaint(id: string, change: (draft: Experiment) => unknown): string | null {
  const draft = structuredClone(presetOf(id));
  change(draft);
  const parsed = experimentSchema.safeParse(JSON.parse(JSON.stringify(draft)));
  return parsed.success ? null : readableIssue(parsed.error);
}
const first = (draft: Experiment) => draft.methods[0] as unknown as Record<string, unknown>;

describe('the experiment schema', () => {
  it.each<[string, (draft: Experiment) => unknown, string]>([
    [
      'deepshare-quick',
      (e) => (first(e).ratios = [1, 1]),
      "methods[0].ratios: 4 stages need 5 ratios, the stem's first.",
    ],
    ['deepreduce-quick', (e) => (first(e).cull = [0, 7]), 'methods[0].cull: there is no stage 7, only 1 to 4.'],
    ['deepreduce-quick', (e) => (first(e).thin = [1]), 'methods[0].thin: stage 1 is culled already: choose one.'],
    ['snl-quick', (e) => e.methods.push(e.methods[0]), 'methods[1]: snl appears twice: each method once at most.'],
    [
      'deepshare-over-snl-quick',
      (e) => ((e.methods[1] as unknown as Record<string, unknown>).granularity = 'channel'),
      'methods[1].granularity: over shared gates SNL masks single neurons of the prototypes: choose pixel.',
    ],
    ['dense-quick', (e) => (e.network.widths[2] = 1e9), 'network.widths[2] must be at most 16384.'],
    ['dense-quick', (e) => (e.seed = 2 ** 32), 'seed must be at most 4294967295.'],
    ['dense-quick', (e) => (e.dense.epochs = -1), 'dense.epochs must be at least 0.'],
    [
      'dense-quick',
      (e) => ((e as unknown as Record<string, unknown>).colour = 'red'),
      'the file has a field that is not known: colour.',
    ],
  ])('refuses a %s that contradicts itself (%#)', (id, change, sentence) => {
    expect(complaint(id, change)).toBe(sentence);
  });

  it.each([
    ['studio', 0],
    ['stock', 1],
  ])('reads files that chose the %s engine, with %d notes', (kind, notes) => {
    const experiment = presetOf('dense-quick');
    const former = { ...experiment, engine: { kind, ...experiment.engine } };
    expect(experimentSchema.parse(former)).toEqual(experiment);
    expect(notesOn(former)).toHaveLength(notes);
  });

  it('refuses an engine that never was, and a method that it does not know, by name', () => {
    expect(complaint('dense-quick', (e) => Object.assign(e.engine, { kind: 'webgl' }))).toBe(
      'engine.kind must be one of "studio", "stock".',
    );
    expect(complaint('snl-quick', (e) => (first(e).name = 'magic'))).toMatch(
      /^methods\[0\]\.name "magic" is not a known method: must be one of "deepreduce", /,
    );
  });

  it('fills in what a file may leave out', () => {
    const { engine: _engine, ...rest } = presetOf('dense-quick');
    const bare = { ...rest, dataset: { name: 'synthetic' } };
    expect(experimentSchema.parse(bare)).toMatchObject({
      engine: { f16: false, microBatch: null },
      dataset: { trainImages: null, testImages: null, validationShare: 0.1, syntheticSeed: 1 },
    });
  });
});
