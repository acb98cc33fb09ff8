/** How many DReLUs a method keeps, as a number or as a share of those that there are before its masks. */
import { SegmentedControl, Stack } from '@mantine/core';
import { budgetCount, type Budget } from '../../domain/budget.ts';
import { compact, exactly, percent } from '../../domain/describe.ts';
import { useDrelusBeforeMasks } from '../outlook.ts';
import { FieldBlock } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { RatioField } from '../parts/RatioField.tsx';

/** Smallest share of the DReLUs that can be asked for. */
const LEAST_SHARE = 0.001;

export function BudgetFields({
  budget,
  onChange,
}: {
  budget: Budget;
  /** `field` joins quick edits of one field into one undo step. */
  onChange(budget: Budget, field?: string): void;
}) {
  const total = useDrelusBeforeMasks();
  const asCount = budgetCount(budget, total);
  const asShare = budget.kind === 'share' ? budget.share : Math.min(1, budget.drelus / Math.max(1, total));
  const convert = (kind: Budget['kind']): Budget =>
    kind === 'count'
      ? { kind, drelus: Math.max(1, asCount) }
      : { kind, share: Math.max(LEAST_SHARE, Number(asShare.toFixed(3))) };
  return (
    <Stack gap="xs">
      <FieldBlock label="Budget" hint={`B, DReLUs kept, of ${compact(total)} before the masks`}>
        <SegmentedControl
          fullWidth
          mb={4}
          aria-label="Budget as"
          value={budget.kind}
          onChange={(kind) => onChange(convert(kind))}
          data={[
            { value: 'count', label: 'Number' },
            { value: 'share', label: 'Share' },
          ]}
        />
      </FieldBlock>
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
            asCount > total
              ? `More than there are (${exactly(total)}): no masks would be removed`
              : `${percent(asShare, 1)} of the DReLUs`
          }
          onChange={(drelus) => onChange({ kind: 'count', drelus }, 'budget')}
        />
      ) : (
        <RatioField
          label="Share kept"
          value={budget.share}
          min={LEAST_SHARE}
          max={1}
          step={LEAST_SHARE}
          hint={`${exactly(asCount)} DReLUs`}
          onChange={(share) => onChange({ kind: 'share', share }, 'budget')}
        />
      )}
    </Stack>
  );
}
