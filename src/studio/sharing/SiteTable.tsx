/** Single sites: prototype counts over the stage's ratio, and, chosen by hand, whose DReLUs a site borrows. */
import { ActionIcon, NativeSelect, Tooltip, VisuallyHidden } from '@mantine/core';
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
import { lendersOf, prototypesOf, setLender } from './settings.ts';

interface SiteTableProps {
  method: DeepShareMethod;
  network: NetworkSpec;
  /** Prototypes of every site as things stand; 0 where it borrows; none where the settings do not fit. */
  counts: SiteIdMap<number>;
}

export function SiteTable({ method, network, counts }: SiteTableProps) {
  const byHand = method.crossLayer === 'custom';
  return (
    <table className="sharing-sites figures">
      <thead>
        <tr>
          <th scope="col">Site</th>
          <th scope="col">Prototypes</th>
          {byHand && <th scope="col">Borrows from</th>}
          <th scope="col">
            <VisuallyHidden>Undo</VisuallyHidden>
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
                {borrows && !byHand ? (
                  <span className="unit">borrows</span>
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
              {byHand && (
                <td>
                  <NativeSelect
                    aria-label={`${siteName(id)} borrows from`}
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
                  <Tooltip label="Back to the stage’s ratio">
                    <ActionIcon
                      size={20}
                      aria-label={`${siteName(id)}: back to the stage’s ratio`}
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
