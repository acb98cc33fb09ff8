/** Every gate site with the share it keeps; arrow keys walk through the list. */
import type { KeyboardEvent } from 'react';
import { percent, siteName } from '../../domain/describe.ts';
import type { InspectedSite } from '../../worker/protocol.ts';
import { shortSite } from '../parts/names.ts';
import { StageDot, stageColour } from '../parts/StageColours.tsx';
import { tellSite } from './DepthBars.tsx';

export function SiteList({
  sites,
  selected,
  onSelect,
}: {
  sites: InspectedSite[];
  selected: string;
  onSelect(site: string): void;
}) {
  const walk = (event: KeyboardEvent<HTMLButtonElement>) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const items = [...(event.currentTarget.closest('ul')?.querySelectorAll('button') ?? [])];
    const next = items.at(Math.max(0, Math.min(items.length - 1, items.indexOf(event.currentTarget) + step)));
    next?.focus();
    next?.click();
  };
  return (
    <ul className="site-list" aria-label="Gate sites">
      {sites.map((site) => {
        const share = site.neurons > 0 ? site.drelus / site.neurons : 0;
        return (
          <li key={site.id}>
            <button
              type="button"
              aria-current={site.id === selected}
              aria-label={tellSite(site)}
              title={siteName(site.id)}
              tabIndex={site.id === selected ? 0 : -1}
              onClick={() => onSelect(site.id)}
              onKeyDown={walk}
            >
              <StageDot stage={site.stage} />
              <span>{shortSite(site.id)}</span>
              <span className="track">
                <span style={{ width: `${share * 100}%`, background: stageColour(site.stage) }} />
              </span>
              <span className="share">{percent(share, 1)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
