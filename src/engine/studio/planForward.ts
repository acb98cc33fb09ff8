/**
 * Lays a network's forward pass out as dispatches, in training or evaluation mode.
 *
 * Every tensor has one buffer for as long as a later layer reads it; then the buffer goes back to the pool and a later tensor takes it.
 * In training mode activations live until the backward pass (planBackward.ts) of the layer that made them.
 */
import {
  INPUT,
  layersOf,
  type ConvLayer,
  type HeadLayer,
  type Layer,
  type NetworkSpec,
  type SiteLayer,
  type TensorId,
} from '../../domain/network.ts';
import { linearKernel, poolKernel } from '../kernels/head.ts';
import { normFinishKernel, normFinishTilesKernel, normStatisticsKernel, TILE_KINDS } from '../kernels/norm.ts';
import { ACROSS, partialRows, type Reduce } from '../kernels/partialSums.ts';
import { NONE } from '../kernels/siteTables.ts';
import { siteForwardKernel } from '../kernels/siteForward.ts';
import { hasAlpha, type SiteVariant } from '../kernels/siteGate.ts';
import { align, type GpuMemory, type Slice } from '../gpu/memory.ts';
import type { DispatchSpec, Recording } from '../gpu/recording.ts';
import type { CoefficientPlan, SitePlan } from './coefficients.ts';
import { forwardDispatches } from './convDispatch.ts';
import { groupsOf, scratchVectors, statisticsTiles } from './convSizes.ts';
import { divide, linearGrid, statisticsGroups, type ConvRole } from './geometry.ts';
import { pad4, type ParameterStore } from './parameters.ts';
import type { Tile } from '../kernels/tile.ts';

/** One network's place on the GPU: what plans of it share. */
export interface NetworkState {
  network: NetworkSpec;
  parameters: ParameterStore;
  coefficients: Slice;
  plan: CoefficientPlan;
  /** Shared DReLUs and their gradients; null where no site borrows. Float offsets by site. */
  drelus: { slice: Slice; gates: Map<string, number>; gradients: Map<string, number> } | null;
}

export type TileChoice = (role: ConvRole, layer: ConvLayer, batch: number) => Tile;

/** What all plans of an engine share. */
export interface PlanContext {
  memory: GpuMemory;
  /** Images per pass. */
  batch: number;
  tiles: TileChoice;
  reduce: Reduce;
  /** Forward convolutions multiply in 16 bits. */
  half: boolean;
  /** A new list of dispatches, empty. */
  record: () => Recording;
}

export class ForwardPlan {
  readonly layers: Layer[];
  protected readonly activations = new Map<TensorId, Slice>();
  /** Batch-norm sums that a convolution left, by its output, until the norm reads them. */
  readonly #tileSums = new Map<TensorId, { partial: Slice; tiles: number; perTile: number }>();
  readonly logits: Slice;
  readonly pooled: Slice;

  constructor(
    protected readonly context: PlanContext,
    protected readonly recording: Recording,
    protected readonly state: NetworkState,
    images: Slice,
    logits?: Slice,
  ) {
    const { memory, batch } = context;
    this.layers = layersOf(state.network);
    this.activations.set(INPUT, images);
    const head = this.layers[this.layers.length - 1] as HeadLayer;
    this.pooled = memory.borrow(4 * batch * pad4(head.in.channels), 'pooled');
    this.logits = logits ?? memory.borrow(4 * batch * head.classes, 'logits');
  }

  activation(id: TensorId): Slice {
    const slice = this.activations.get(id);
    if (!slice) throw new Error(`Activation ${id} is not alive here.`);
    return slice;
  }

  protected tensor(shape: { channels: number; height: number; width: number }, label: string): Slice {
    return this.context.memory.borrow(
      4 * this.context.batch * shape.height * shape.width * pad4(shape.channels),
      label,
    );
  }

  /** Layer index of the last reader of every tensor. */
  #lastReads(): Map<TensorId, number> {
    const last = new Map<TensorId, number>();
    this.layers.forEach((layer, i) => {
      last.set(layer.input, i);
      if (layer.kind === 'conv' && layer.skip) last.set(layer.skip, i);
      if (layer.kind === 'site' && layer.residual) last.set(layer.residual.tensor, i);
    });
    return last;
  }

  /**
   * Forward pass. In evaluation the coefficients must have been folded before; activations are given back as soon as read.
   * @param probe a site whose pre-activation is kept: its z is written by an identity site to the returned buffer, and the pass ends there
   */
  forward(mode: 'train' | 'evaluate', probe?: string): Slice | null {
    const last = this.#lastReads();
    for (const [i, layer] of this.layers.entries()) {
      if (layer.kind === 'conv') this.#conv(layer, mode === 'train' && this.#isNormed(layer.output));
      else if (layer.kind === 'site') {
        if (mode === 'train') this.#statistics(layer);
        if (probe === layer.id) return this.#site(layer, true);
        this.activations.set(layer.output, this.#site(layer, false));
      } else this.#head(layer);
      if (mode === 'evaluate') {
        for (const id of [
          layer.input,
          layer.kind === 'conv' ? layer.skip : layer.kind === 'site' ? layer.residual?.tensor : null,
        ])
          if (id && id !== INPUT && last.get(id) === i && this.activations.has(id)) this.forget(id);
      }
    }
    return null;
  }

  protected forget(id: TensorId): void {
    this.context.memory.giveBack(this.activation(id));
    this.activations.delete(id);
  }

  /** Gives the pool everything this plan still holds, so that other plans may use it between steps. */
  release(): void {
    for (const [id, slice] of this.activations) if (id !== INPUT) this.context.memory.giveBack(slice);
    this.activations.clear();
    this.context.memory.giveBack(this.pooled);
  }

  /** Whether a batch norm follows a tensor. */
  #isNormed(id: TensorId): boolean {
    return this.layers.some(
      (layer) =>
        layer.kind === 'site' &&
        (layer.input === id || (layer.residual?.tensor === id && layer.residual.norm !== null)),
    );
  }

  /** @param normed leave the sums of the batch norm behind, where the kernel can */
  #conv(layer: ConvLayer, normed: boolean): void {
    const y = this.tensor(layer.out, layer.output);
    this.activations.set(layer.output, y);
    const { batch, half } = this.context;
    const tile = this.context.tiles('forward', layer, batch);
    const buffers = {
      x: this.activation(layer.input),
      w: this.state.parameters.slice('parameters', `${layer.name}.weight`),
      y,
      ...(layer.skip ? { skip: this.activation(layer.skip) } : {}),
    };
    const { tiles, perTile } = statisticsTiles(layer, batch, tile, half);
    const statistics =
      normed && tiles > 0
        ? this.context.memory.borrow(16 * TILE_KINDS * tiles * groupsOf(layer.out), 'batch-norm sums')
        : undefined;
    if (statistics) this.#tileSums.set(layer.output, { partial: statistics, tiles, perTile });
    this.withScratch(scratchVectors('forward', layer, batch, tile), (scratch) =>
      forwardDispatches(layer, batch, tile, { ...buffers, scratch, statistics }, half),
    );
  }

  /** Records the dispatches that `make` gives for pooled scratch buffers of these lengths; they are free again after them. */
  protected withScratch(vectors: number[], make: (scratch: Slice[]) => DispatchSpec[]): void {
    const scratch = vectors.map((count) => this.context.memory.borrow(16 * count, 'scratch'));
    for (const spec of make(scratch)) this.recording.add(spec);
    for (const slice of scratch) this.context.memory.giveBack(slice);
  }

  /** Batch statistics of the norms of a site: two dispatches per norm. */
  #statistics(layer: SiteLayer): void {
    const { parameters } = this.state;
    const site = this.state.plan.sites.get(layer.id)!;
    const norms = [{ tensor: layer.input, norm: layer.norm, at: site.norm, site: site.site }];
    if (layer.residual?.norm)
      norms.push({ tensor: layer.residual.tensor, norm: layer.residual.norm, at: site.residualNorm, site: null });
    const positions = this.context.batch * site.positions;
    for (const { tensor, norm, at, site: rowsAt } of norms) {
      const known = this.#tileSums.get(tensor);
      const { partial, rows } = known
        ? { partial: known.partial, rows: known.tiles }
        : this.#sumPositions(tensor, norm, positions, site.c4);
      const affine = rowsAt !== null && site.gate.kind === 'share' && site.gate.affine === 'trained';
      this.recording.add({
        label: `${norm} finish`,
        kernel: known ? normFinishTilesKernel : normFinishKernel(this.context.reduce),
        dims: {
          positions,
          c4: site.c4,
          groups: rows,
          norm: at,
          gamma: parameters.vector(`${norm}.weight`),
          beta: parameters.vector(`${norm}.bias`),
          runningMean: parameters.vector(`${norm}.running_mean`),
          runningVariance: parameters.vector(`${norm}.running_var`),
          site: affine ? rowsAt : NONE,
          scale: affine ? parameters.vector(`${layer.id}.scale`) : 0,
          shift: affine ? parameters.vector(`${layer.id}.shift`) : 0,
          perTile: known?.perTile ?? 0,
        },
        buffers: {
          // The sums are taken around the first position's values.
          ...(known ? {} : { y: { ...this.activation(tensor), size: align(16 * site.c4) } }),
          partial,
          parameters: parameters.small.get('parameters')!,
          running: parameters.running,
          coefficients: this.state.coefficients,
        },
        grid: [site.c4, 1, 1],
      });
      this.context.memory.giveBack(partial);
      this.#tileSums.delete(tensor);
    }
  }

  /** A pass over a tensor for its batch-norm sums. @returns rows of partial sums, which the caller gives back */
  #sumPositions(tensor: TensorId, norm: string, positions: number, c4: number): { partial: Slice; rows: number } {
    const { rows, groups } = statisticsGroups(positions, this.context.reduce);
    const partial = this.context.memory.borrow(16 * 2 * partialRows(groups, this.context.reduce) * c4, 'partial sums');
    this.recording.add({
      label: `${norm} statistics`,
      kernel: normStatisticsKernel(this.context.reduce),
      dims: { positions, c4, rows },
      buffers: { y: this.activation(tensor), partial },
      grid: [divide(c4, ACROSS), groups, 1],
    });
    return { partial, rows: partialRows(groups, this.context.reduce) };
  }

  /** Shape numbers and buffers that a site's kernels share. */
  protected siteBindings(site: SitePlan, variant: SiteVariant) {
    const { layer } = site;
    const { drelus } = this.state;
    const usesDrelus = variant.exported || variant.gate === 'borrow';
    return {
      dims: {
        batch: this.context.batch,
        positions: site.positions,
        c4: site.c4,
        norm: site.norm,
        residualNorm: site.residualNorm,
        site: site.site ?? 0,
        owner4: site.owner4,
        dreluIn: variant.gate === 'borrow' ? drelus!.gates.get(site.owner!)! : 0,
      },
      buffers: {
        y: this.activation(layer.input),
        coefficients: this.state.coefficients,
        ...(layer.residual ? { residual: this.activation(layer.residual.tensor) } : {}),
        ...(hasAlpha(variant) ? { alpha: this.state.parameters.slice('parameters', `${layer.id}.alpha`) } : {}),
        ...(usesDrelus ? { drelus: drelus!.slice } : {}),
      } as Record<string, Slice>,
    };
  }

  #site(layer: SiteLayer, bare: boolean): Slice {
    const site = this.state.plan.sites.get(layer.id)!;
    const variant: SiteVariant = bare
      ? { ...site.variant, gate: 'identity', exported: false, masked: false }
      : site.variant;
    const out = this.tensor(layer.shape, layer.output);
    const { dims, buffers } = this.siteBindings(site, variant);
    this.recording.add({
      label: `${layer.id} forward`,
      kernel: siteForwardKernel(variant),
      dims: { ...dims, dreluOut: variant.exported ? this.state.drelus!.gates.get(layer.id)! : 0 },
      buffers: { ...buffers, out },
      grid: linearGrid(divide(this.context.batch * site.positions * site.c4, 64)),
    });
    return out;
  }

  #head(layer: HeadLayer): void {
    const { parameters } = this.state;
    const c4 = groupsOf(layer.in);
    this.recording.add({
      label: 'pool',
      kernel: poolKernel,
      dims: { batch: this.context.batch, positions: layer.in.height * layer.in.width, c4 },
      buffers: { x: this.activation(layer.input), pooled: this.pooled },
      grid: [divide(this.context.batch * c4, 64), 1, 1],
    });
    this.recording.add({
      label: 'fc forward',
      kernel: linearKernel,
      dims: { batch: this.context.batch, c4, classes: layer.classes },
      buffers: {
        pooled: this.pooled,
        weight: parameters.slice('parameters', 'fc.weight'),
        bias: parameters.slice('parameters', 'fc.bias'),
        logits: this.logits,
      },
      grid: [divide(this.context.batch * layer.classes, 64), 1, 1],
    });
  }
}
