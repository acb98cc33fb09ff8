/** Criticality in the Design tab: trains the network with ReLUs in one stage only, once per stage, and ranks the stages. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import { RELU_EXPONENT, orderOf } from '../../domain/criticality.ts';
import { datasetName, exactly, networkName } from '../../domain/describe.ts';
import { Term } from '../parts/Term.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { useDesign } from '../stores/design.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useQueue } from '../stores/queue.ts';
import type { QueueEntry } from '../stores/queue.ts';
import { useRunList } from '../stores/runs.ts';
import { CriticalityForm } from './CriticalityForm.tsx';
import { criticalityResults } from './criticalityResults.ts';
import { startingSettings } from './criticalityRuns.ts';
import { CriticalityTable } from './CriticalityTable.tsx';
import classes from './Design.module.css';
import { orderText } from './order.ts';
import { watchQueue } from './queueRunner.ts';

/** Differences in accuracy below this are not reliable with one run per stage. */
const MIN_DIFFERENCE = 0.01;

/** "ResNet-18 m=8, 4 epochs of 4,000 images, seed 1". */
function settingsText({ experiment }: QueueEntry): string {
  const { network, dataset, seed, methods } = experiment;
  const epochs = methods[0]?.name === 'deepreduce' ? methods[0].train.epochs : 0;
  const images = dataset.trainImages === null ? '' : ` of ${exactly(dataset.trainImages)} images`;
  return `${networkName(network)}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${images}, ${datasetName(dataset.name)}, seed ${seed}`;
}

export function CriticalityPart() {
  const experiment = useExperiment((s) => s.experiment);
  const entries = useQueue((s) => s.entries);
  const runs = useRunList();
  const { setOrder, patch, recipe } = useDesign();
  useEffect(watchQueue, []);
  const settings = { ...startingSettings(experiment), ...recipe };
  const results = useMemo(() => criticalityResults(entries, runs ?? []), [entries, runs]);
  const order = results.ranking && orderOf(results.ranking);
  const measured = entries[0]?.experiment.network;
  const fits = measured !== undefined && measured.blocks.length === experiment.network.blocks.length;
  const close = results.ranking?.some(
    (stage, i, all) => i > 0 && Math.abs(all[i - 1].accuracy - stage.accuracy) < MIN_DIFFERENCE,
  );
  return (
    <div className={classes.split}>
      <aside className={classes.settings} aria-label="Settings">
        <CriticalityForm settings={settings} change={(change) => patch({ recipe: { ...recipe, ...change } })} />
      </aside>
      <Stack gap="md" miw={0}>
        <div>
          <Text size="sm" fw={600}>
            <Term of="criticality">Criticality</Term> of the stages
            {measured && (
              <Text span inherit fw={400} c="dimmed">
                {'  '}
                {settingsText(entries[0])}
              </Text>
            )}
          </Text>
          <Text size="xs" c="dimmed" maw={720}>
            C = (accuracy with ReLUs in this stage only − lowest such accuracy) / (number of its ReLUs)
            <sup>{RELU_EXPONENT}</sup>, divided by the largest value: the most critical stage has 1, the least critical
            0. After DeepReDuce (Jha et al. 2021); the exponent is our implementation (not verified against the paper).
          </Text>
        </div>
        {entries.length === 0 ? (
          <EmptyState title="Not measured yet">
            An order is published only for ResNet-18. Measure it for your own network and data with one short run per
            stage; the equalizer can then use the ranking.
          </EmptyState>
        ) : (
          <CriticalityTable entries={entries} results={results} />
        )}
        {order && (
          <Group gap="sm">
            <Text size="sm">
              Measured order: <b>{orderText(order)}</b>
            </Text>
            <Button
              rightSection={<IconArrowRight size={14} />}
              disabled={!fits}
              onClick={() => {
                setOrder(order);
                patch({ part: 'widths', measured: order });
              }}
            >
              Use in the equalizer
            </Button>
          </Group>
        )}
        {order && close && (
          <Alert variant="light" color="yellow" p="xs">
            <Text size="xs">
              Some adjacent stages differ by less than {MIN_DIFFERENCE * 100}%, which one run per stage cannot resolve.
              Measure again with another seed or more epochs before relying on their order.
            </Text>
          </Alert>
        )}
        {order && !fits && (
          <Text size="xs" c="dimmed">
            Measured on {measured?.blocks.length} stages; the network on the page has {experiment.network.blocks.length}
            .
          </Text>
        )}
      </Stack>
    </div>
  );
}
