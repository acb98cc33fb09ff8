/** SNL's settings, all of them, each with its symbol and the paper's value (Cho et al. 2022; design: algorithms §2). */
import { Button, Divider, Group, NativeSelect, SegmentedControl, SimpleGrid, Stack, Input, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { Budget, SnlMethod } from '../../domain/experiment.ts';
import { compact, exactly } from '../../domain/describe.ts';
import { SNL_PAPER, SNL_QUICK } from '../../domain/presets.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { RatioField } from '../parts/RatioField.tsx';
import { editMethod, methodOf, useExperiment } from '../stores/experiment.ts';
import { drelusBeforeMasks } from '../outlook.ts';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

const edit = (change: (draft: SnlMethod) => void, field?: string) => editMethod('snl', change, field);

function BudgetFields({ budget, total }: { budget: Budget; total: number }) {
  const asCount = budget.kind === 'count' ? budget.drelus : Math.floor(budget.share * total);
  const asShare = budget.kind === 'share' ? budget.share : Math.min(1, budget.drelus / Math.max(1, total));
  const over = asCount > total;
  return (
    <Stack gap="xs">
      <Input.Wrapper
        label="Budget"
        size="xs"
        labelElement="div"
        description={`B, DReLUs kept, of ${compact(total)} before the masks`}
      >
        <SegmentedControl
          fullWidth
          mb={4}
          aria-label="Budget as"
          value={budget.kind}
          onChange={(kind) =>
            edit(
              (d) =>
                void (d.budget =
                  kind === 'count'
                    ? { kind, drelus: Math.max(1, asCount) }
                    : { kind: 'share', share: Math.min(1, Math.max(0.001, Number(asShare.toFixed(3)))) }),
            )
          }
          data={[
            { value: 'count', label: 'Number' },
            { value: 'share', label: 'Share' },
          ]}
        />
      </Input.Wrapper>
      {budget.kind === 'count' ? (
        <NumberField
          label={null}
          aria-label="Budget, DReLUs"
          unit="DReLUs"
          value={budget.drelus}
          min={0}
          whole
          step={1000}
          hint={
            over
              ? `More than there are (${exactly(total)}): no masks would be removed`
              : `${(asShare * 100).toFixed(1)} % of the DReLUs`
          }
          onChange={(drelus) => edit((d) => void (d.budget = { kind: 'count', drelus }), 'budget')}
        />
      ) : (
        <RatioField
          label="Share kept"
          value={budget.share}
          min={0.001}
          max={1}
          step={0.001}
          hint={`${exactly(asCount)} DReLUs`}
          onChange={(share) => edit((d) => void (d.budget = { kind: 'share', share }), 'budget')}
        />
      )}
    </Stack>
  );
}

export function SnlPanel() {
  const experiment = useExperiment((s) => s.experiment);
  const snl = methodOf(experiment, 'snl');
  const total = useMemo(() => drelusBeforeMasks(experiment), [experiment]);
  if (!snl) return null;
  return (
    <Stack gap="sm">
      <Group gap="xs" justify="space-between">
        <Text size="xs" c="dimmed">
          Settings of
        </Text>
        <Group gap={4}>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => edit((d) => void Object.assign(d, { ...SNL_PAPER, budget: d.budget }))}
          >
            The paper
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => edit((d) => void Object.assign(d, { ...SNL_QUICK, budget: d.budget }))}
          >
            Quick
          </Button>
        </Group>
      </Group>
      <BudgetFields budget={snl.budget} total={total} />
      <Input.Wrapper
        label="Granularity"
        description="One mask α a neuron (SNL: pixel), or one a channel"
        size="xs"
        labelElement="div"
      >
        <SegmentedControl
          fullWidth
          mb={4}
          aria-label="Granularity"
          value={snl.granularity}
          onChange={(value) => edit((d) => void (d.granularity = value))}
          data={[
            { value: 'pixel', label: 'Pixel' },
            { value: 'channel', label: 'Channel' },
          ]}
        />
      </Input.Wrapper>
      <SimpleGrid cols={2} spacing="xs" verticalSpacing="xs">
        <NumberField
          label="Mask penalty"
          value={snl.lambda}
          min={0}
          above
          factor={2}
          hint="λ at the start (SNL: 1e-5)"
          onChange={(value) => edit((d) => void (d.lambda = value), 'lambda')}
        />
        <NumberField
          label="Growth"
          value={snl.kappa}
          min={1}
          step={0.05}
          hint="κ, when the count stalls (SNL: 1.1)"
          onChange={(value) => edit((d) => void (d.kappa = value), 'kappa')}
        />
        <NumberField
          label="Threshold"
          value={snl.epsilon}
          min={0}
          max={1}
          below
          factor={2}
          hint="ε, kept while α > ε (SNL: 0.01)"
          onChange={(value) => edit((d) => void (d.epsilon = value), 'epsilon')}
        />
        <NumberField
          label="Hold"
          unit="epochs"
          value={snl.lambdaHold}
          min={0}
          whole
          hint="λ does not grow before (code: 5, text: 0)"
          onChange={(value) => edit((d) => void (d.lambdaHold = value), 'hold')}
        />
        <NumberField
          label="Learning rate"
          value={snl.learningRate}
          min={0}
          above
          factor={2}
          hint="Adam, weights (SNL: 0.001)"
          onChange={(value) => edit((d) => void (d.learningRate = value), 'rate')}
        />
        <NumberField
          label="Mask rate"
          value={snl.maskLearningRate}
          min={0}
          above
          factor={2}
          hint="Adam, masks (SNL: 0.001)"
          onChange={(value) => edit((d) => void (d.maskLearningRate = value), 'maskRate')}
        />
        <NumberField
          label="Batch"
          unit="images"
          value={snl.batch}
          min={1}
          whole
          step={16}
          hint="SNL: 128"
          onChange={(value) => edit((d) => void (d.batch = value), 'batch')}
        />
        <NumberField
          label="Epochs at most"
          value={snl.maxEpochs}
          min={1}
          whole
          hint="Ends at the budget before (SNL: 2000)"
          onChange={(value) => edit((d) => void (d.maxEpochs = value), 'maxEpochs')}
        />
      </SimpleGrid>
      <Group gap="xs" align="flex-start" grow preventGrowOverflow={false} wrap="nowrap">
        <NativeSelect
          label="Count the masks"
          description="SNL: every epoch"
          value={snl.checkEverySteps === null ? 'epoch' : 'steps'}
          onChange={(event) => {
            const every = event.currentTarget.value === 'epoch' ? null : 10;
            edit((d) => void (d.checkEverySteps = every));
          }}
          data={[
            { value: 'epoch', label: 'Every epoch' },
            { value: 'steps', label: 'Every few steps' },
          ]}
        />
        {snl.checkEverySteps !== null && (
          <NumberField
            label="Every"
            unit="steps"
            value={snl.checkEverySteps}
            min={1}
            whole
            onChange={(value) => edit((d) => void (d.checkEverySteps = value), 'check')}
          />
        )}
      </Group>
      <NativeSelect
        label="Binarise"
        description={
          snl.binarise === 'threshold'
            ? 'α ← 1 where α > ε (SNL); may end below the budget'
            : 'The largest masks stay, exactly as many as the budget allows'
        }
        value={snl.binarise}
        onChange={(event) => {
          const value = event.currentTarget.value as SnlMethod['binarise'];
          edit((d) => void (d.binarise = value));
        }}
        data={[
          { value: 'threshold', label: 'By threshold, as the paper' },
          { value: 'exact', label: 'Exactly the budget' },
        ]}
      />
      <DistillationForm
        value={snl.distillation}
        onChange={(value, field) => edit((d) => void (d.distillation = value), field)}
      />
      <Divider label="Finetuning, masks frozen" labelPosition="left" />
      <PhaseForm
        phase={snl.finetune}
        name="Finetuning"
        change={(change, field) => edit((d) => change(d.finetune), `finetune.${field}`)}
        hints={{ epochs: 'SNL: 100', batch: 'SNL: 128', learningRate: 'SNL: 0.001', weightDecay: 'SNL: 5e-4' }}
      />
    </Stack>
  );
}
