import { describe, expect, it } from 'vitest';
import { pageTitle } from './leaving.ts';
import { run as mid } from './testing.ts';

const run = { ...mid, validation: 0.7124 };

describe("the page's title", () => {
  it('is the studio’s name while nothing is trained', () => expect(pageTitle(null)).toBe('ReLU Studio'));

  it('says phase and epoch first, where a narrow tab still shows them', () => {
    expect(pageTitle(run)).toBe('SNL mask stage, epoch 12 · SNL quick · ReLU Studio');
    expect(pageTitle({ ...run, status: 'paused' })).toMatch(/^Paused: SNL mask stage, epoch 12/);
  });

  it('says what came of it', () => {
    expect(pageTitle({ ...run, status: 'done' })).toBe('Done, 71.2% · SNL quick · ReLU Studio');
    expect(pageTitle({ ...run, status: 'failed' })).toMatch(/^Failed · /);
  });

  it('is ready before the first phase', () =>
    expect(pageTitle({ ...run, phase: null, progress: null })).toMatch(/^Preparing · /));
});
