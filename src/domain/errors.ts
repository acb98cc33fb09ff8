/**
 * Errors of the domain: few classes, each message one sentence that a user can act on.
 */
import type { SiteId } from './network.ts';

/** A gate map that this network cannot have; the message opens with the site. */
export class GateMapError extends Error {
  override readonly name = 'GateMapError';
  readonly site: SiteId;

  constructor(site: SiteId, message: string) {
    super(`${site}: ${message}`);
    this.site = site;
  }
}
