/** Dense phases shared between runs: what goes on from one is what would have come without sharing. */
import { describe, expect, it } from 'vitest';
import { decodeCheckpoint } from './checkpoint.ts';
import { CheckpointError } from './errors.ts';
import { adoptDense, isAfterDense } from './sharedPhase.ts';
import type { Checkpoint } from './state.ts';
import { rehearse, tinyExperiment, tinyPhase, tinyShare, tinySnl } from './testing.ts';

/** Trains an experiment and keeps the checkpoint at the end of its dense phase. */
async function trained(experiment: ReturnType<typeof tinyExperiment>, resume: Checkpoint | null = null) {
  let boundary: Checkpoint | null = null;
  const { outcome, trainer } = rehearse(experiment, {
    resume,
    storage: {
      write: (bytes, state) => {
        if (isAfterDense(state)) boundary = decodeCheckpoint(bytes);
        return Promise.resolve();
      },
    },
  });
  const result = await outcome;
  if (result.status !== 'done') throw new Error(result.status);
  const epochs = trainer.state.history.epochs.map(({ seconds: _, ...record }) => record);
  return {
    boundary: boundary as Checkpoint | null,
    finished: result.finished,
    epochs,
    warnings: trainer.state.history.warnings,
  };
}

describe('a shared dense phase', () => {
  it.each([
    ['SNL to another budget', tinyExperiment([{ ...tinySnl, budget: { kind: 'share', share: 0.1 } }])],
    ['sharing, by farthest prototypes', tinyExperiment([{ ...tinyShare, choice: 'farthest' }])],
    ['no method at all', tinyExperiment([])],
  ])('is gone on from bit for bit: %s', async (_, experiment) => {
    const { boundary } = await trained(tinyExperiment([tinySnl]));
    const alone = await trained(experiment);
    const adopted = await trained(experiment, await adoptDense(boundary!, experiment));
    expect([...adopted.finished.weights]).toEqual([...alone.finished.weights]);
    expect(adopted.finished.result).toEqual(alone.finished.result);
    expect(adopted.epochs).toEqual(alone.epochs);
    expect(adopted.warnings).toEqual(alone.warnings);
  });

  it('is refused for another seed, data set, network or dense phase', async () => {
    const { boundary } = await trained(tinyExperiment([tinySnl]));
    for (const other of [
      tinyExperiment([tinySnl], tinyPhase(3)),
      tinyExperiment([tinySnl], tinyPhase(2), { seed: 8 }),
      tinyExperiment([tinySnl], tinyPhase(2), { selection: 'last' }),
    ])
      await expect(adoptDense(boundary!, other)).rejects.toThrow(CheckpointError);
  });

  it('is refused from anywhere but the end of the dense phase', async () => {
    const { saved, outcome } = rehearse(tinyExperiment([tinySnl]));
    await outcome;
    await expect(adoptDense(saved(), tinyExperiment([tinySnl]))).rejects.toThrow(/end of a dense phase/);
    expect(isAfterDense({ phase: 1, begun: false, experiment: tinyExperiment([tinyShare], tinyPhase(0)) })).toBe(false);
  });
});
