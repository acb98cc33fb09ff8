/** Under the experiment, always visible: DReLUs, multiplications and latency with the change against the dense network. */
import { Box, Group, Stack, Text } from '@mantine/core';
import { memo } from 'react';
import { useOutlook } from '../outlook.ts';
import { changeText, Quantity } from '../parts/Units.tsx';
import type { QuantityKind } from '../parts/Units.tsx';
import { useLatencyOutlook } from '../latencyOutlook.ts';
import { useProblem, useSentence } from '../readiness.ts';

const Number = memo(function Number({
  title,
  value,
  against,
  as,
  note,
}: {
  title: string;
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
      <Text size="xs" c="dimmed" className="figures">
        {changeText(value, against)}
      </Text>
    </Stack>
  );
});

/** What pressing Train will do, or why it cannot be pressed. */
function Outcome() {
  const problem = useProblem();
  const sentence = useSentence();
  return (
    <Text size="xs" mt={8} c={problem ? 'var(--warn-text)' : 'dimmed'} className="figures">
      {problem ?? sentence}
    </Text>
  );
}

export function Bottom() {
  const outlook = useOutlook();
  const latency = useLatencyOutlook();
  return (
    <Box px="md" py="sm" className="hairline-top" component="section" aria-label="Cost summary">
      {'problem' in outlook ? (
        <Text size="sm" c="var(--mantine-color-error)">
          {outlook.problem}
        </Text>
      ) : (
        <Group gap="sm" wrap="nowrap" align="flex-start">
          <Number title="DReLUs" value={outlook.drelus} against={outlook.dense.total.drelus} as="drelus" />
          <Number
            title="Multiplications"
            value={outlook.multiplications}
            against={outlook.dense.total.multiplications}
            as="count"
            note={outlook.estimated ? 'Scaled with the DReLUs: which masks fall decides it' : undefined}
          />
          {latency && (
            <Number
              title="Latency, online"
              value={latency.online}
              against={latency.denseOnline}
              as="seconds"
              note="One inference by HE and garbled circuits (DELPHI), as set in the Design tab"
            />
          )}
        </Group>
      )}
      <Outcome />
    </Box>
  );
}
