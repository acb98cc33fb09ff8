/** The budget of a method: the number of DReLUs kept, or their share of the DReLUs before its masks. */
import { SegmentedControl, Stack } from '@mantine/core';
import { budgetCount, type Budget } from '../../domain/budget.ts';
import { compact, exactly, percent } from '../../domain/describe.ts';
import { useDrelusBeforeMasks } from '../outlook.ts';
import { FieldBlock } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { RatioField } from '../parts/RatioField.tsx';
import { define } from '../parts/Term.tsx';

/** Smallest budget as a share of the DReLUs. */
const MIN_SHARE = 0.001;

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
      : { kind, share: Math.max(MIN_SHARE, Number(asShare.toFixed(3))) };
  return (
    <Stack gap="xs">
      <FieldBlock label="Budget" hint={define('budget', 'B', `, DReLUs kept, of ${compact(total)} before masks`)}>
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
              ? `More than the network has (${exactly(total)}): no DReLUs are removed`
              : `${percent(asShare, 1)} of the DReLUs`
          }
          onChange={(drelus) => onChange({ kind: 'count', drelus }, 'budget')}
        />
      ) : (
        <RatioField
          label="Share kept"
          value={budget.share}
          min={MIN_SHARE}
          max={1}
          step={MIN_SHARE}
          hint={`${exactly(asCount)} DReLUs`}
          onChange={(share) => onChange({ kind: 'share', share }, 'budget')}
        />
      )}
    </Stack>
  );
}
