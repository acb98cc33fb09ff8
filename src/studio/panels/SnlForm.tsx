/** All settings of SNL, with their symbols and the paper's values (Cho et al. 2022; design: algorithms §2). */
import { Button, Divider, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { SnlMethod } from '../../domain/methods/snl.ts';
import { SNL_GRADUAL, SNL_PAPER } from '../../domain/methods/snl.ts';
import { ChoiceField, SelectField, SwitchField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import type { NumberFieldProps } from '../parts/NumberField.tsx';
import { define } from '../parts/Term.tsx';
import { editMethod } from '../stores/experiment.ts';
import { useMethod } from '../stores/useMethod.ts';
import { BudgetFields } from './BudgetFields.tsx';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

const edit = (change: (draft: SnlMethod) => void, field?: string) => editMethod('snl', change, field);

const PRESETS = [
  { title: 'Paper', settings: SNL_PAPER },
  { title: 'Quick', settings: SNL_GRADUAL },
];

const GRANULARITIES: Option<SnlMethod['granularity']>[] = [
  { value: 'pixel', label: 'Pixel' },
  { value: 'channel', label: 'Channel' },
];

const BINARIZATIONS: Option<SnlMethod['binarise']>[] = [
  {
    value: 'threshold',
    label: 'By threshold (paper)',
    about: 'α ← 1 where α > ε, else 0; may keep fewer DReLUs than the budget',
  },
  {
    value: 'exact',
    label: 'Exactly the budget',
    about: 'The largest masks are kept, exactly as many as the budget',
  },
];

/** Settings that are a number, with their symbols and the paper's values. */
const NUMBERS: ({ key: NumberKey } & Omit<NumberFieldProps, 'value' | 'onChange'>)[] = [
  {
    key: 'lambda',
    label: 'Mask penalty',
    min: 0,
    above: true,
    factor: 2,
    hint: define('lambda', 'λ', ' at the start (SNL: 1e-5)'),
  },
  {
    key: 'kappa',
    label: 'λ growth',
    min: 1,
    step: 0.05,
    hint: define('kappa', 'κ', ', when the count stalls (SNL: 1.1)'),
  },
  {
    key: 'epsilon',
    label: 'Threshold',
    min: 0,
    max: 1,
    below: true,
    factor: 2,
    hint: define('epsilon', 'ε', ', kept while α > ε (SNL: 0.01)'),
  },
  {
    key: 'lambdaHold',
    label: 'λ growth delay',
    unit: 'epochs',
    min: 0,
    whole: true,
    hint: 'Epochs before λ may grow (code: 5, text: 0)',
  },
  {
    key: 'learningRate',
    label: 'Learning rate',
    min: 0,
    above: true,
    factor: 2,
    hint: 'Adam, weights (SNL: 0.001)',
  },
  {
    key: 'maskLearningRate',
    label: 'Mask learning rate',
    min: 0,
    above: true,
    factor: 2,
    hint: 'Adam, masks (SNL: 0.001)',
  },
  { key: 'batch', label: 'Batch', unit: 'images', min: 1, whole: true, step: 16, hint: 'SNL: 128' },
  {
    key: 'maxEpochs',
    label: 'Max epochs',
    min: 1,
    whole: true,
    hint: 'Ends earlier at the budget (SNL: 2000)',
  },
];
type NumberKey =
  'lambda' | 'kappa' | 'epsilon' | 'lambdaHold' | 'learningRate' | 'maskLearningRate' | 'batch' | 'maxEpochs';

function CheckInterval({ every }: { every: number | null }) {
  const set = (steps: number | null, field?: string) =>
    edit((d) => {
      d.checkEverySteps = steps;
      if (steps === null) delete d.slowNearBudget;
    }, field);
  return (
    <Group gap="xs" align="flex-start" grow preventGrowOverflow={false} wrap="nowrap">
      <SelectField
        label="Budget check interval"
        hint="SNL: every epoch"
        value={every === null ? 'epoch' : 'steps'}
        options={[
          { value: 'epoch', label: 'Every epoch' },
          { value: 'steps', label: 'Every N steps' },
        ]}
        onChange={(by) => set(by === 'epoch' ? null : 10)}
      />
      {every !== null && (
        <NumberField label="Every" unit="steps" value={every} min={1} whole onChange={(steps) => set(steps, 'check')} />
      )}
    </Group>
  );
}

/** A preset's settings with the budget as it is; options that the preset does not use go. */
function applyPreset(draft: SnlMethod, settings: SnlMethod): void {
  delete draft.slowNearBudget;
  delete draft.binariseEpochs;
  Object.assign(draft, structuredClone({ ...settings, budget: draft.budget }));
}

export function SnlForm() {
  const snl = useMethod('snl');
  if (!snl) return null;
  return (
    <Stack gap="sm">
      <Group gap="xs" justify="space-between">
        <Text size="xs" c="dimmed">
          Presets
        </Text>
        <Group gap={4}>
          {PRESETS.map(({ title, settings }) => (
            <Button
              key={title}
              size="compact-xs"
              variant="default"
              onClick={() => edit((d) => applyPreset(d, settings))}
            >
              {title}
            </Button>
          ))}
        </Group>
      </Group>
      <BudgetFields budget={snl.budget} onChange={(budget, field) => edit((d) => void (d.budget = budget), field)} />
      <ChoiceField
        label="Granularity"
        hint={define('mask', 'One mask α', ' per neuron (SNL: pixel) or per channel')}
        value={snl.granularity}
        options={GRANULARITIES}
        onChange={(value) => edit((d) => void (d.granularity = value))}
      />
      <SimpleGrid cols={2} spacing="xs" verticalSpacing="xs">
        {NUMBERS.map(({ key, ...field }) => (
          <NumberField
            key={key}
            {...field}
            value={snl[key]}
            onChange={(value) => edit((d) => void (d[key] = value), key)}
          />
        ))}
      </SimpleGrid>
      <CheckInterval every={snl.checkEverySteps} />
      <SwitchField
        label="Slow down near the budget"
        hint={
          snl.checkEverySteps === null
            ? 'Requires a check every N steps'
            : 'Lowers the mask learning rate so that the count does not fall far below the budget (SNL: off)'
        }
        value={snl.slowNearBudget ?? false}
        disabled={snl.checkEverySteps === null && !snl.slowNearBudget}
        onChange={(on) =>
          edit((d) => {
            if (on) d.slowNearBudget = true;
            else delete d.slowNearBudget;
          })
        }
      />
      <SelectField
        label="Binarization"
        value={snl.binarise}
        options={BINARIZATIONS}
        onChange={(value) => edit((d) => void (d.binarise = value))}
      />
      <NumberField
        label="Binarization epochs"
        unit="epochs"
        value={snl.binariseEpochs ?? 0}
        min={0}
        max={100}
        whole
        hint="Masks move to 0 and 1 in steps while the weights adapt; 0: at once (SNL)"
        onChange={(epochs) =>
          edit((d) => {
            if (epochs > 0) d.binariseEpochs = epochs;
            else delete d.binariseEpochs;
          }, 'binariseEpochs')
        }
      />
      <DistillationForm
        value={snl.distillation}
        paper="SNL: on"
        onChange={(value, field) => edit((d) => void (d.distillation = value), field)}
      />
      <Divider label="Finetuning with fixed masks" labelPosition="left" />
      <PhaseForm
        phase={snl.finetune}
        name="Finetuning"
        change={(change, field) => edit((d) => change(d.finetune), `finetune.${field}`)}
        hints={{ epochs: 'SNL: 100', batch: 'SNL: 128', learningRate: 'SNL: 0.001', weightDecay: 'SNL: 5e-4' }}
      />
    </Stack>
  );
}
