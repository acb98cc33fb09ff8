/** Settings of random masks: the budget, its distribution over the layers, and finetuning. */
import { Button, Divider, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { percent } from '../../domain/describe.ts';
import type { RandomMethod } from '../../domain/methods/random.ts';
import { descriptorOf } from '../../domain/methods/registry.ts';
import { sitesOf, type NetworkSpec } from '../../domain/network.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { ask } from '../link.ts';
import { tellError } from '../notify.ts';
import { ChoiceField, FieldBlock } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { shortStage } from '../parts/names.ts';
import { editMethod, useExperiment } from '../stores/experiment.ts';
import { useRunList } from '../stores/runs.ts';
import { useMethod } from '../stores/useMethod.ts';
import { BudgetFields } from './BudgetFields.tsx';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

const edit = (change: (draft: RandomMethod) => void, field?: string) => editMethod('random', change, field);

const GRANULARITIES: Option<RandomMethod['granularity']>[] = [
  { value: 'pixel', label: 'Pixel', about: 'Single neurons are kept' },
  { value: 'channel', label: 'Channel', about: 'Whole channels are kept' },
];

/** Share of each stage, stem first: "S1 12.5%, S2 40%". */
function stageShares(proportions: Record<string, number>, network: NetworkSpec): string {
  const stages = [0, ...network.blocks].map(() => 0);
  for (const { id, stage } of sitesOf(network)) stages[stage] += proportions[id] ?? 0;
  const sum = stages.reduce((all, weight) => all + weight, 0);
  return stages
    .flatMap((weight, stage) => (weight > 0 ? [`${shortStage(stage)} ${percent(weight / sum, 1)}`] : []))
    .join(', ');
}

const sitesText = (network: NetworkSpec) => JSON.stringify(sitesOf(network).map(({ id, shape }) => [id, shape]));

/** Finished runs whose network has the same ReLU layers as the one on the page. */
function useComparableRuns(): RunSummary[] {
  const runs = useRunList();
  const network = useExperiment((s) => s.experiment.network);
  const wanted = sitesText(network);
  return (runs ?? []).filter(({ status, experiment }) => status === 'done' && sitesText(experiment.network) === wanted);
}

/** Writes the DReLUs that each layer of a run kept into the experiment. */
async function copyProportions(run: string): Promise<void> {
  try {
    const { sites } = await ask({ type: 'masks:inspect', run });
    edit((d) => void (d.proportions = Object.fromEntries(sites.map(({ id, drelus }) => [id, drelus]))));
  } catch (error) {
    tellError('The masks of this run could not be read', error);
  }
}

function Proportions({ proportions }: { proportions: RandomMethod['proportions'] }) {
  const network = useExperiment((s) => s.experiment.network);
  const runs = useComparableRuns();
  const [chosen, setChosen] = useState<string | null>(null);
  const run = runs.find(({ id }) => id === chosen) ?? runs.at(0);
  return (
    <FieldBlock
      label="Distribution over layers"
      hint={
        proportions
          ? `In proportion to ${stageShares(proportions, network)}`
          : 'Uniform: every neuron is equally likely to be kept'
      }
    >
      <Stack gap={6} my={4}>
        {run && (
          <Group gap="xs" wrap="nowrap" align="flex-end">
            <NativeSelect
              flex={1}
              miw={0}
              aria-label="Run to copy the distribution from"
              value={run.id}
              data={runs.map(({ id, name }) => ({ value: id, label: name }))}
              onChange={(event) => setChosen(event.currentTarget.value)}
            />
            <Button variant="default" onClick={() => void copyProportions(run.id)}>
              Copy from run
            </Button>
          </Group>
        )}
        {!run && (
          <Text size="xs" c="dimmed">
            The distribution can be copied from a finished run of this network.
          </Text>
        )}
        {proportions && (
          <Button variant="default" onClick={() => edit((d) => void (d.proportions = null))}>
            Reset to uniform
          </Button>
        )}
      </Stack>
    </FieldBlock>
  );
}

export function RandomForm() {
  const method = useMethod('random');
  const overShared = useExperiment((s) => s.experiment.methods.some(({ name }) => descriptorOf(name).role === 'share'));
  if (!method) return null;
  return (
    <Stack gap="sm">
      <BudgetFields budget={method.budget} onChange={(budget, field) => edit((d) => void (d.budget = budget), field)} />
      <ChoiceField
        label="Granularity"
        value={method.granularity}
        options={GRANULARITIES}
        hint={overShared ? 'With shared gates, single neurons of the prototype channels are kept' : undefined}
        onChange={(granularity) => edit((d) => void (d.granularity = granularity))}
      />
      <Proportions proportions={method.proportions} />
      <DistillationForm
        value={method.distillation}
        onChange={(value, field) => edit((d) => void (d.distillation = value), field)}
      />
      <Divider label="Finetuning with fixed masks" labelPosition="left" />
      <PhaseForm
        phase={method.finetune}
        name="Finetuning"
        change={(change, field) => edit((d) => change(d.finetune), `finetune.${field}`)}
      />
    </Stack>
  );
}
