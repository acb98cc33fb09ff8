/** "Apply suggested ratios": effective dimensions as prototype counts, with or without a budget, into the experiment. */
import { Button, Group, Switch, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { countsOf } from '../../domain/counting.ts';
import { compact, exactly } from '../../domain/describe.ts';
import type { GateAnalysis } from '../../worker/protocol.ts';
import { offerUndo } from '../notify.ts';
import { Term } from '../parts/Term.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { useView } from '../stores/view.ts';
import { applySuggestion, sameNetwork, suggestionOf } from './suggest.ts';

export function Suggestion({ analysis }: { analysis: GateAnalysis }) {
  const network = useExperiment((s) => s.experiment.network);
  const total = useMemo(() => countsOf(analysis.network).total.drelus, [analysis.network]);
  const [budget, setBudget] = useState<number | null>(null);
  const suggestion = useMemo(() => suggestionOf(analysis, budget), [analysis, budget]);
  const fits = sameNetwork(network, analysis.network);

  const apply = () => {
    const undo = editExperiment((draft) => applySuggestion(draft, suggestion));
    const view = useView.getState();
    if (!view.open.includes('methods')) view.setOpen([...view.open, 'methods']);
    offerUndo('Suggested prototype counts applied to DeepShare.', undo);
  };
  return (
    <div>
      <Group gap="sm" align="center">
        <Button onClick={apply} disabled={!fits}>
          Apply suggested ratios
        </Button>
        <Switch
          label="Within a budget"
          checked={budget !== null}
          onChange={(event) => setBudget(event.currentTarget.checked ? Math.round(total / 8) : null)}
        />
        {budget !== null && (
          <NumberField
            label={null}
            aria-label="Budget, DReLUs"
            unit="DReLUs"
            value={budget}
            min={1}
            whole
            step={1000}
            onChange={setBudget}
            w={150}
          />
        )}
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        {exactly(suggestion.drelus)} of {compact(total)} DReLUs: as many <Term of="prototype">prototype channels</Term>{' '}
        per ReLU layer as its <Term of="effectiveDimension" />
        {budget !== null && ', scaled to the budget'} (our implementation).
        {budget !== null &&
          suggestion.drelus > budget &&
          ' One prototype channel per layer already exceeds this budget.'}
        {!fits && ' The experiment on the page has another network: open the experiment of this run first.'}
      </Text>
    </div>
  );
}
