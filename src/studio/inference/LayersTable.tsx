/** Measured bytes, rounds and seconds per layer, beside the latency model's and DELPHI's figures. */
import { Stack, Table, Text } from '@mantine/core';
import { bytes, exactly, seconds } from '../../domain/describe.ts';
import { LATENCY } from '../../domain/latencyConstants.ts';
import { WideTable } from '../parts/WideTable.tsx';
import { useLatency } from '../stores/latency.ts';
import { layerFigures } from './figures.ts';
import type { LayerFigures } from './figures.ts';
import { useInference } from './parties.ts';

const COLUMNS = [
  'Layer',
  'DReLUs',
  'Multiplications',
  'Offline',
  'Online',
  'Rounds',
  'Offline time',
  'Online time',
  'Model, offline',
  'Model, online',
];

const optional = (value: number | null) => (value === null ? '' : bytes(value));

function cells(row: LayerFigures): string[] {
  return [
    exactly(row.comparisons),
    exactly(row.multiplications),
    bytes(row.offlineBytes),
    bytes(row.onlineBytes),
    exactly(row.rounds),
    seconds(row.offlineSeconds),
    seconds(row.onlineSeconds),
    optional(row.modelOffline),
    optional(row.modelOnline),
  ];
}

export function LayersTable() {
  const result = useInference((s) => s.result);
  const masks = useInference((s) => s.masks);
  const settings = useLatency((s) => s.settings);
  if (!result || !masks) return null;
  const rows = layerFigures(result, masks, settings);
  const images = result.logits.length;
  const total = rows.reduce<LayerFigures>(
    (sum, row) => ({
      layer: 'Total',
      comparisons: sum.comparisons + row.comparisons,
      multiplications: sum.multiplications + row.multiplications,
      offlineBytes: sum.offlineBytes + row.offlineBytes,
      onlineBytes: sum.onlineBytes + row.onlineBytes,
      rounds: sum.rounds + row.rounds,
      offlineSeconds: sum.offlineSeconds + row.offlineSeconds,
      onlineSeconds: sum.onlineSeconds + row.onlineSeconds,
      modelOffline: (sum.modelOffline ?? 0) + (row.modelOffline ?? 0),
      modelOnline: (sum.modelOnline ?? 0) + (row.modelOnline ?? 0),
    }),
    {
      layer: 'Total',
      comparisons: 0,
      multiplications: 0,
      offlineBytes: 0,
      onlineBytes: 0,
      rounds: 0,
      offlineSeconds: 0,
      onlineSeconds: 0,
      modelOffline: 0,
      modelOnline: 0,
    },
  );
  const gates = rows.filter((row) => row.comparisons > 0);
  const gateBytes = gates.reduce((sum, row) => sum + row.offlineBytes + row.onlineBytes, 0);
  const compared = images * total.comparisons;
  const delphi =
    LATENCY.circuitBytes.value +
    LATENCY.labelBytes.value +
    LATENCY.transferRequestBytes.value +
    LATENCY.transferAnswerBytes.value;
  return (
    <Stack gap={4} component="section" aria-label="Cost per layer">
      <Text size="sm">
        {exactly(total.comparisons)} DReLUs and {exactly(total.multiplications)} multiplications per image.
        {compared > 0 &&
          ` ${exactly(gateBytes / compared)} bytes per DReLU with its multiplications; DELPHI's garbled ReLU takes ${exactly(delphi)} (measured by Cryptonite).`}
      </Text>
      <WideTable label="Cost per layer, all images" minWidth={860}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map((column, i) => (
                <Table.Th key={column} ta={i > 0 ? 'right' : undefined}>
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <tbody className="figures">
            {[...rows, total].map((row) => (
              <tr key={row.layer} style={row === total ? { fontWeight: 600 } : undefined}>
                <th scope="row" style={{ textAlign: 'left', fontWeight: 'inherit' }}>
                  {row.layer}
                </th>
                {cells(row).map((cell, i) => (
                  <td key={COLUMNS[i + 1]} style={{ textAlign: 'right' }}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      </WideTable>
      <Text size="xs" c="dimmed" maw={760}>
        Bytes between client and server in both directions, for all {exactly(images)} images; times are the
        client&rsquo;s, with both parties and the dealer on this machine. Model: DELPHI with homomorphic encryption for
        linear layers, which a dealer replaces here, so that the offline columns of convolutions do not compare.
      </Text>
    </Stack>
  );
}
