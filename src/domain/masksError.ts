/** What is wrong with a masks.json: one sentence, opening with the site where one is at fault. */
import type { SiteId } from './network.ts';

export class MasksFileError extends Error {
  override readonly name = 'MasksFileError';
  readonly site: SiteId | null;

  constructor(site: SiteId | null, message: string) {
    super(site === null ? message : `${site}: ${message}`);
    this.site = site;
  }
}
