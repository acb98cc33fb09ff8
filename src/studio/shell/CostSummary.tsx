/** The cost summary under the experiment: DReLUs, multiplications and latency, each with the change against the dense network. */
import { Box, Group, Stack, Text } from '@mantine/core';
import { memo } from 'react';
import type { ReactNode } from 'react';
import { useOutlook } from '../outlook.ts';
import { Term } from '../parts/Term.tsx';
import { changeText, Quantity } from '../parts/Units.tsx';
import type { QuantityKind } from '../parts/Units.tsx';
import { useLatencyOutlook } from '../latencyOutlook.ts';
import { useProblem, useSentence } from '../readiness.ts';
import classes from './ExperimentColumn.module.css';

const CostFigure = memo(function CostFigure({
  title,
  value,
  against,
  as,
  note,
}: {
  title: ReactNode;
  value: number;
  against: number;
  as: QuantityKind;
  note?: string;
}) {
  return (
    <Stack gap={0} flex={1} miw={0}>
      <Text size="xs" c="dimmed" truncate title={note}>
        {title}
      </Text>
      <Text fw={650} size="lg" lh={1.25} style={{ whiteSpace: 'nowrap' }}>
        <Quantity value={value} as={as} />
      </Text>
      <Text size="xs" c="dimmed">
        {changeText(value, against)}
      </Text>
    </Stack>
  );
});

/** What Train will do, or why it cannot. */
function TrainSentence() {
  const problem = useProblem();
  const sentence = useSentence();
  return (
    <Text size="xs" mt={8} c={problem ? 'var(--warn-text)' : 'dimmed'}>
      {problem ?? sentence}
    </Text>
  );
}

export function CostSummary() {
  const outlook = useOutlook();
  const latency = useLatencyOutlook();
  return (
    <Box px="md" py="sm" className={classes.summary} component="section" aria-label="Cost summary">
      {'problem' in outlook ? (
        <Text size="sm" c="var(--mantine-color-error)">
          {outlook.problem}
        </Text>
      ) : (
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <CostFigure
            title={<Term of="drelu">DReLUs</Term>}
            value={outlook.drelus}
            against={outlook.dense.total.drelus}
            as="drelus"
          />
          <CostFigure
            title={<Term of="multiplications">Multiplications</Term>}
            value={outlook.multiplications}
            against={outlook.dense.total.multiplications}
            as="count"
            note={
              outlook.estimated
                ? 'Estimate, scaled with the DReLUs: the exact number depends on which masks are removed'
                : undefined
            }
          />
          {latency && (
            <CostFigure
              title="Online latency"
              value={latency.online}
              against={latency.denseOnline}
              as="seconds"
              note="One private inference with DELPHI, with the settings of the Design tab"
            />
          )}
        </Group>
      )}
      <TrainSentence />
    </Box>
  );
}
