/** The constants of the latency model with their sources, collapsed by default. */
import { Accordion, Group, Stack, Table, Text } from '@mantine/core';
import { LATENCY } from '../../domain/latencyConstants.ts';
import type { Constant } from '../../domain/latencyConstants.ts';
import { WideTable } from '../parts/WideTable.tsx';
import { constantText } from './constantText.ts';

const COLOURS: Record<Constant['source'], string> = {
  measured: 'var(--stage-1)',
  fitted: 'var(--warn-text)',
  derived: 'var(--stage-0)',
  reported: 'var(--stage-3)',
};

export function LatencyConstants() {
  const constants: Constant[] = Object.values(LATENCY);
  const fitted = constants.filter((constant) => constant.source !== 'measured').length;
  return (
    <Accordion variant="default" chevronPosition="left">
      <Accordion.Item value="constants">
        <Accordion.Control>
          <Text size="sm" fw={600}>
            Sources and constants
          </Text>
          <Text size="xs" c="dimmed">
            {constants.length} constants: {constants.length - fitted} measured, {fitted} fitted, derived or reported
            elsewhere
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap="xs">
            <Text size="xs" maw={720}>
              DELPHI: linear layers under homomorphic encryption (HE) offline and on secret shares online, a garbled
              circuit for each DReLU. Measured by the Cryptonite artifact (Garimella et al., ASPLOS 2023) on ResNet-18
              at 32 × 32 and 64 × 64; linear in the number of ReLUs. A DReLU that several neurons share costs one
              circuit; each further neuron costs one multiplication. Networks far from ResNet-18 are extrapolations.
            </Text>
            <WideTable label="Constants of the latency model" minWidth={640}>
              <Table fz="xs" aria-label="Constants of the latency model">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Constant</Table.Th>
                    <Table.Th ta="right">Value</Table.Th>
                    <Table.Th>Source</Table.Th>
                    <Table.Th>Derivation</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {constants.map((constant) => (
                    <Table.Tr key={constant.what}>
                      <Table.Td>{constant.what}</Table.Td>
                      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                        {constantText(constant)}
                      </Table.Td>
                      <Table.Td>
                        <Group gap={6} wrap="nowrap">
                          <span
                            aria-hidden
                            style={{ width: 8, height: 8, borderRadius: '50%', background: COLOURS[constant.source] }}
                          />
                          {constant.source}
                        </Group>
                      </Table.Td>
                      <Table.Td c="dimmed">{constant.note ?? 'Cryptonite artifact'}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </WideTable>
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}
