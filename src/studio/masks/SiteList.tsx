/** Every ReLU layer with the share of its DReLUs that is kept; the arrow keys move through the list. */
import { VisuallyHidden } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import { percent, siteName } from '../../domain/describe.ts';
import type { InspectedSite } from '../../worker/protocol.ts';
import { shortSite } from '../parts/names.ts';
import { StageDot, stageColour } from '../parts/StageColours.tsx';
import { moveFocus } from '../plots/rovingFocus.ts';
import { siteText } from './DepthBars.tsx';
import classes from './SiteList.module.css';

export function SiteList({
  sites,
  selected,
  onSelect,
}: {
  sites: InspectedSite[];
  selected: string;
  onSelect(site: string): void;
}) {
  // Moving the focus also selects, as in a list box.
  const onKeyDown = (event: KeyboardEvent<HTMLButtonElement>) => {
    const next = moveFocus(event.key, event.currentTarget);
    if (!next) return;
    event.preventDefault();
    (next as HTMLElement).click();
  };
  return (
    <ul className={classes.list} data-roving aria-label="ReLU layers">
      {sites.map((site) => {
        const share = site.neurons > 0 ? site.drelus / site.neurons : 0;
        return (
          <li key={site.id}>
            <button
              type="button"
              aria-current={site.id === selected}
              title={siteName(site.id)}
              tabIndex={site.id === selected ? 0 : -1}
              onClick={() => onSelect(site.id)}
              onKeyDown={onKeyDown}
            >
              <StageDot stage={site.stage} />
              <span>{shortSite(site.id)}</span>
              <VisuallyHidden>{siteText(site)}</VisuallyHidden>
              <span className={classes.track} aria-hidden>
                <span style={{ width: `${share * 100}%`, background: stageColour(site.stage) }} />
              </span>
              <span className={classes.share}>{percent(share, 1)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
