/** The experiment that finetunes a run. */
import { expect, test } from 'vitest';
import { presetOf } from '../../domain/presets.ts';
import { finetuningOf } from './MasksActions.tsx';

test('finetuning keeps network and data, drops the methods and uses the finetuning phase of the run', () => {
  const experiment = presetOf('snl-quick');
  const tuned = finetuningOf({ name: 'A', experiment });
  const snl = experiment.methods.find((method) => method.name === 'snl');
  expect(tuned).toEqual({
    ...experiment,
    name: 'A, finetuned',
    methods: [],
    dense: snl?.name === 'snl' && snl.finetune,
  });
  expect(finetuningOf({ name: 'A', experiment: presetOf('deepshare-quick') }).dense.epochs).toBeGreaterThan(0);
});
