/** Single ReLU layers: prototype counts that override the ratio of the stage, and custom sharing between layers. */
import { ActionIcon, NativeSelect, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { siteName } from '../../domain/describe.ts';
import type { DeepShareMethod } from '../../domain/methods/deepshare.ts';
import type { SiteIdMap } from '../../domain/gateMap.ts';
import { sitesOf } from '../../domain/network.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { shortSite } from '../parts/names.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { editMethod } from '../stores/experiment.ts';
import classes from './SiteTable.module.css';
import { lendersOf, prototypesOf, setLender } from './settings.ts';

interface SiteTableProps {
  method: DeepShareMethod;
  network: NetworkSpec;
  /** Prototypes of every layer; 0 where it shares another layer's DReLUs; absent where the settings do not fit. */
  counts: SiteIdMap<number>;
}

export function SiteTable({ method, network, counts }: SiteTableProps) {
  const custom = method.crossLayer === 'custom';
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Layer</th>
          <th scope="col">Prototypes</th>
          {custom && <th scope="col">Shares with</th>}
          <th scope="col">
            <VisuallyHidden>Reset</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {sitesOf(network).map(({ id, stage, shape: [channels] }) => {
          const lenders = lendersOf(network, id, method.borrow);
          const override = method.overrides[id];
          const borrows = counts[id] === 0;
          return (
            <tr key={id}>
              <th scope="row" title={siteName(id)} style={{ fontWeight: 400, whiteSpace: 'nowrap' }}>
                <StageDot stage={stage} size={8} /> {shortSite(id)}
              </th>
              <td>
                {borrows && !custom ? (
                  <Text span size="xs" c="dimmed">
                    shared
                  </Text>
                ) : (
                  <NumberField
                    label={null}
                    aria-label={`Prototypes of ${siteName(id)}`}
                    value={override ?? prototypesOf(method.ratios[stage] ?? 1, channels)}
                    unit={`of ${channels}`}
                    min={1}
                    max={channels}
                    whole
                    disabled={borrows}
                    onChange={(count) =>
                      editMethod('deepshare', (draft) => void (draft.overrides[id] = count), `override.${id}`)
                    }
                    w={104}
                  />
                )}
              </td>
              {custom && (
                <td>
                  <NativeSelect
                    aria-label={`${siteName(id)} shares the DReLUs of`}
                    value={method.borrow[id] ?? ''}
                    disabled={lenders.length === 0}
                    onChange={(event) => {
                      const from = event.currentTarget.value || null;
                      editMethod('deepshare', (draft) => setLender(draft, id, from));
                    }}
                    data={[
                      { value: '', label: 'itself' },
                      ...lenders.map((lender) => ({ value: lender.id, label: shortSite(lender.id) })),
                    ]}
                    w={104}
                  />
                </td>
              )}
              <td>
                {override !== undefined && (
                  <Tooltip label="Reset to the ratio of the stage">
                    <ActionIcon
                      size={20}
                      aria-label={`Reset ${siteName(id)} to the ratio of the stage`}
                      onClick={() => editMethod('deepshare', (draft) => void delete draft.overrides[id])}
                    >
                      <IconArrowBackUp size={14} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
