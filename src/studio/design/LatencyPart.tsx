/** Latency in the Design tab: settings, and the cost of one inference by cause, by method and by layer. */
import { Alert, Box, Group, Stack, Text } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { networkName } from '../../domain/describe.ts';
import { Latency } from '../panels/Latency.tsx';
import { Term } from '../parts/Term.tsx';
import { useExperiment } from '../stores/experiment.ts';
import { useLatency } from '../stores/latency.ts';
import classes from './Design.module.css';
import { LatencyConstants } from './LatencyConstants.tsx';
import { latencySteps } from './latencySteps.ts';
import { LatencyTotals, PartLegend } from './LatencyTotals.tsx';
import { LayerChart } from './LayerChart.tsx';
import { SavingsTable } from './SavingsTable.tsx';

export function LatencyPart() {
  const experiment = useExperiment((s) => s.experiment);
  const settings = useLatency((s) => s.settings);
  const { steps, problem } = useMemo(() => {
    try {
      return { steps: latencySteps(experiment, settings), problem: null };
    } catch (error) {
      return { steps: null, problem: (error as Error).message };
    }
  }, [experiment, settings]);
  // The chart may lag behind the numbers, so that it does not block a slider.
  const layers = useDeferredValue(steps?.at(-1)?.latency ?? null);
  return (
    <div className={classes.split}>
      <aside className={classes.settings} aria-label="Latency settings">
        <Latency />
      </aside>
      <Stack gap="lg" miw={0}>
        {problem !== null && <Alert color="red">{problem}</Alert>}
        {steps && (
          <>
            <Box component="section" aria-label="One private inference">
              <Group justify="space-between" mb={4} gap="sm">
                <Text size="sm" fw={600}>
                  One private inference (<Term of="delphi" />) of {networkName(experiment.network)}
                  {steps.length > 1 && ` after ${steps.at(-1)!.title}`}
                </Text>
                <PartLegend />
              </Group>
              <LatencyTotals latency={steps.at(-1)!.latency} />
            </Box>
            <Box component="section" aria-label="Savings per method">
              <Text size="sm" fw={600} mb={4}>
                Savings per method
              </Text>
              <SavingsTable steps={steps} />
            </Box>
            {layers && <LayerChart latency={layers} />}
          </>
        )}
        <LatencyConstants />
      </Stack>
    </div>
  );
}
