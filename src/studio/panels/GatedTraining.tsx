/** Settings shared by methods with fixed gates: distillation and one training phase. */
import { Divider } from '@mantine/core';
import { editMethod } from '../stores/experiment.ts';
import type { Method } from '../../domain/experiment.ts';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

type Gated = Extract<Method, { name: 'deepreduce' | 'reuse' }>;

export function GatedTraining({ method, title, paper }: { method: Gated; title: string; paper?: string }) {
  const { name } = method;
  return (
    <>
      <DistillationForm
        value={method.distillation}
        paper={paper}
        onChange={(value, field) => editMethod(name, (draft) => void (draft.distillation = value), field)}
      />
      <Divider label="Training with these gates" labelPosition="left" />
      <PhaseForm
        phase={method.train}
        name={`${title} training`}
        optional={false}
        change={(change, field) => editMethod(name, (draft) => change(draft.train), `train.${field}`)}
      />
    </>
  );
}
