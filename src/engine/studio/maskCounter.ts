/** Counts of masks above a threshold, on demand: one small dispatch a site, one number a site read back. */
import type { SiteIdMap } from '../../domain/gateMap.ts';
import type { SiteId } from '../../domain/network.ts';
import type { Slice } from '../gpu/memory.ts';
import type { Recording } from '../gpu/recording.ts';
import { maskCountKernel } from '../kernels/metrics.ts';
import { BLOCK_KIND } from '../kernels/optimizer.ts';
import { neutralHyper } from './hyper.ts';
import type { NetworkState, PlanContext } from './planForward.ts';
import type { Submitter } from './submitter.ts';

export class MaskCounter {
  readonly recording: Recording;
  readonly #sites: SiteId[];
  readonly #counts: Slice;

  constructor(
    private readonly context: PlanContext,
    private readonly submitter: Submitter,
    { parameters }: NetworkState,
  ) {
    this.recording = context.record();
    const masks = [...parameters.layout.regions.values()].filter((region) => region.kind === BLOCK_KIND.mask);
    this.#sites = masks.map(({ name }) => name.slice(0, -'.alpha'.length));
    this.#counts = context.memory.allocate(4 * Math.max(1, masks.length), 'mask counts');
    masks.forEach(({ name, length }, slot) =>
      this.recording.add({
        label: `${this.#sites[slot]} mask count`,
        kernel: maskCountKernel,
        dims: { vectors: length / 4, slot },
        buffers: { alpha: parameters.slice('parameters', name), counts: this.#counts },
        grid: [1, 1, 1],
      }),
    );
  }

  /** How many α of each site lie above the threshold, as they are stored: one per neuron, or one per channel. */
  async count(threshold: number): Promise<SiteIdMap<number>> {
    const sites = this.#sites;
    if (sites.length === 0) return {};
    this.submitter.write({ ...neutralHyper(), threshold });
    this.submitter.submit(this.recording);
    const counts = new Uint32Array(
      await this.submitter.guard(this.context.memory.read(this.#counts, 4 * sites.length)),
    );
    return Object.fromEntries(sites.map((site, i) => [site, counts[i]]));
  }
}
