/** Settings of one training phase: epochs, batch, optimizer and schedule. Used by dense training, finetuning and every method. */
import { Group, SimpleGrid, Stack } from '@mantine/core';
import type { Optimizer, Phase, Schedule } from '../../domain/experiment.ts';
import { DraftField } from '../parts/DraftField.tsx';
import { SelectField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';

export interface PhaseFormProps {
  phase: Phase;
  /** Edits a draft of the phase. `field` joins quick edits of one field into one undo step. */
  change(edit: (draft: Phase) => void, field: string): void;
  /** Accessible name of the group: "Dense training". */
  name: string;
  /** Hints under the fields: the paper's values. */
  hints?: Partial<Record<'epochs' | 'batch' | 'learningRate' | 'weightDecay', string>>;
  /** 0 epochs are allowed: the phase is skipped. */
  optional?: boolean;
}

const OPTIMIZERS: Option<Optimizer['kind']>[] = [
  { value: 'sgd', label: 'SGD' },
  { value: 'adam', label: 'Adam' },
];
const SCHEDULES: Option<Schedule['kind']>[] = [
  { value: 'constant', label: 'Constant' },
  { value: 'step', label: 'Steps' },
  { value: 'cosine', label: 'Cosine' },
];

const freshOptimizer = (kind: Optimizer['kind'], old: Optimizer): Optimizer =>
  kind === 'sgd'
    ? { kind, learningRate: old.learningRate, momentum: 0.9, weightDecay: old.weightDecay }
    : { kind, learningRate: Math.min(old.learningRate, 1e-3), weightDecay: 0 };

function freshSchedule(kind: Schedule['kind'], epochs: number): Schedule {
  if (kind === 'step') return { kind, milestones: [Math.round(epochs / 2), Math.round((epochs * 3) / 4)], factor: 0.1 };
  return kind === 'cosine' ? { kind, floor: 0 } : { kind };
}

export function PhaseForm({ phase, change, name, hints = {}, optional = true }: PhaseFormProps) {
  const { optimizer, schedule } = phase;
  return (
    <Stack gap="xs" role="group" aria-label={name}>
      <SimpleGrid cols={2} spacing="xs" verticalSpacing="xs">
        <NumberField
          label="Epochs"
          value={phase.epochs}
          min={optional ? 0 : 1}
          whole
          hint={hints.epochs}
          onChange={(epochs) => change((d) => void (d.epochs = epochs), 'epochs')}
        />
        <NumberField
          label="Batch"
          unit="images"
          value={phase.batch}
          min={1}
          whole
          step={16}
          hint={hints.batch}
          onChange={(batch) => change((d) => void (d.batch = batch), 'batch')}
        />
        <SelectField
          label="Optimizer"
          value={optimizer.kind}
          options={OPTIMIZERS}
          onChange={(kind) => change((d) => void (d.optimizer = freshOptimizer(kind, d.optimizer)), 'optimizer')}
        />
        <NumberField
          label="Learning rate"
          value={optimizer.learningRate}
          min={0}
          above
          factor={2}
          hint={hints.learningRate}
          onChange={(rate) => change((d) => void (d.optimizer.learningRate = rate), 'learningRate')}
        />
        {optimizer.kind === 'sgd' && (
          <NumberField
            label="Momentum"
            value={optimizer.momentum}
            min={0}
            max={1}
            below
            step={0.05}
            onChange={(momentum) =>
              change((d) => {
                if (d.optimizer.kind === 'sgd') d.optimizer.momentum = momentum;
              }, 'momentum')
            }
          />
        )}
        <NumberField
          label="Weight decay"
          value={optimizer.weightDecay}
          min={0}
          factor={2}
          hint={hints.weightDecay}
          onChange={(decay) => change((d) => void (d.optimizer.weightDecay = decay), 'weightDecay')}
        />
      </SimpleGrid>
      <ScheduleFields
        schedule={schedule}
        epochs={phase.epochs}
        change={(edit, field) => change((d) => edit(d), field)}
      />
    </Stack>
  );
}

function ScheduleFields({
  schedule,
  epochs,
  change,
}: {
  schedule: Schedule;
  epochs: number;
  change: PhaseFormProps['change'];
}) {
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap" grow preventGrowOverflow={false}>
      <SelectField
        label="Schedule"
        value={schedule.kind}
        options={SCHEDULES}
        onChange={(kind) => change((d) => void (d.schedule = freshSchedule(kind, epochs)), 'schedule')}
      />
      {schedule.kind === 'step' && (
        <>
          <MilestonesField
            milestones={schedule.milestones}
            onChange={(milestones) =>
              change((d) => {
                if (d.schedule.kind === 'step') d.schedule.milestones = milestones;
              }, 'milestones')
            }
          />
          <NumberField
            label="Factor"
            value={schedule.factor}
            min={0}
            above
            step={0.1}
            onChange={(factor) =>
              change((d) => {
                if (d.schedule.kind === 'step') d.schedule.factor = factor;
              }, 'factor')
            }
          />
        </>
      )}
      {schedule.kind === 'cosine' && (
        <NumberField
          label="Final rate"
          value={schedule.floor}
          min={0}
          max={1}
          step={0.01}
          hint="Share of the learning rate at the end"
          onChange={(floor) =>
            change((d) => {
              if (d.schedule.kind === 'cosine') d.schedule.floor = floor;
            }, 'floor')
          }
        />
      )}
    </Group>
  );
}

/** "80, 120" ↔ [80, 120]; null where it is not a list of increasing integers. */
export function parseMilestones(text: string): number[] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = parts.map(Number);
  return numbers.every((n, i) => Number.isInteger(n) && n >= 0 && (i === 0 || n > numbers[i - 1])) ? numbers : null;
}

function MilestonesField({ milestones, onChange }: { milestones: number[]; onChange(milestones: number[]): void }) {
  return (
    <DraftField
      label="At epochs"
      value={milestones}
      onChange={onChange}
      format={(epochs) => epochs.join(', ')}
      parse={(text) => {
        const value = parseMilestones(text);
        return value ? { value } : { problem: 'Enter increasing integers: 80, 120.', nearest: null };
      }}
    />
  );
}
