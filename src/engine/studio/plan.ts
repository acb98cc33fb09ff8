/**
 * Lays a network out as dispatches: forward in training or evaluation mode, and backward.
 *
 * Every tensor has one buffer for as long as somebody reads it; then the buffer goes back to the pool and a later tensor takes it.
 * In training mode activations live until the backward pass of the layer that made them.
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
import { sumSlicesKernel } from '../kernels/convFilterGradient.ts';
import { linearInputGradientKernel, linearKernel, linearParameterGradientKernel, poolKernel } from '../kernels/head.ts';
import {
  normBackwardKernel,
  normFinishKernel,
  normStatisticsKernel,
  siteFinishGroups,
  siteFinishKernel,
} from '../kernels/norm.ts';
import { ACROSS, ALONG, partialRows, siteBackwardKernel, SITE_SUMS, type Reduce } from '../kernels/siteBackward.ts';
import { siteForwardKernel } from '../kernels/siteForward.ts';
import { hasAlpha, type SiteVariant } from '../kernels/siteTables.ts';
import type { GpuMemory, Slice } from '../gpu/memory.ts';
import type { Recording } from '../gpu/recording.ts';
import type { CoefficientPlan, SitePlan } from './coefficients.ts';
import {
  filterGradientDispatch,
  filterGradientSize,
  forwardDispatch,
  groupsOf,
  inputGradientDispatch,
} from './convDispatch.ts';
import { batchSlices, divide, linearGrid, statisticsGroups, type ConvRole } from './geometry.ts';
import { pad4, type ParameterStore } from './parameters.ts';
import type { Tile } from '../kernels/tile.ts';

const NONE = 0xffffffff;

/** One network's place on the GPU: what plans of it share. */
export interface NetworkState {
  network: NetworkSpec;
  parameters: ParameterStore;
  coefficients: Slice;
  plan: CoefficientPlan;
  /** Published DReLUs and their gradients; null where no site borrows. Float offsets by site. */
  arena: { slice: Slice; gates: Map<string, number>; gradients: Map<string, number> } | null;
}

export type TileChoice = (role: ConvRole, layer: ConvLayer, batch: number) => Tile;

export class Planner {
  readonly layers: Layer[];
  readonly #activations = new Map<TensorId, Slice>();
  readonly #gradients = new Map<TensorId, Slice>();
  readonly logits: Slice;
  readonly pooled: Slice;

  constructor(
    private readonly memory: GpuMemory,
    private readonly recording: Recording,
    private readonly state: NetworkState,
    private readonly batch: number,
    private readonly tiles: TileChoice,
    private readonly reduce: Reduce,
    images: Slice,
    logits?: Slice,
  ) {
    this.layers = layersOf(state.network);
    this.#activations.set(INPUT, images);
    const head = this.layers[this.layers.length - 1] as HeadLayer;
    this.pooled = memory.borrow(4 * batch * pad4(head.in.channels), 'pooled');
    this.logits = logits ?? memory.borrow(4 * batch * head.classes, 'logits');
  }

  activation(id: TensorId): Slice {
    const slice = this.#activations.get(id);
    if (!slice) throw new Error(`Activation ${id} is not alive here.`);
    return slice;
  }

  #tensor(shape: { channels: number; height: number; width: number }, label: string): Slice {
    return this.memory.borrow(4 * this.batch * shape.height * shape.width * pad4(shape.channels), label);
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
      if (layer.kind === 'conv') this.#conv(layer);
      else if (layer.kind === 'site') {
        if (mode === 'train') this.#statistics(layer);
        if (probe === layer.id) return this.#site(layer, true);
        this.#activations.set(layer.output, this.#site(layer, false));
      } else this.#head(layer);
      if (mode === 'evaluate') {
        for (const id of [
          layer.input,
          layer.kind === 'conv' ? layer.skip : layer.kind === 'site' ? layer.residual?.tensor : null,
        ])
          if (id && id !== INPUT && last.get(id) === i && this.#activations.has(id)) this.#forget(id);
      }
    }
    return null;
  }

  #forget(id: TensorId): void {
    this.memory.giveBack(this.activation(id));
    this.#activations.delete(id);
  }

  /** Gives the pool everything this plan still holds, so that other plans may use it between steps. */
  release(): void {
    for (const [id, slice] of this.#activations) if (id !== INPUT) this.memory.giveBack(slice);
    this.#activations.clear();
    this.memory.giveBack(this.pooled);
  }

  #conv(layer: ConvLayer): void {
    const y = this.#tensor(layer.out, layer.output);
    this.#activations.set(layer.output, y);
    this.recording.add(
      forwardDispatch(layer, this.batch, this.tiles('forward', layer, this.batch), {
        x: this.activation(layer.input),
        w: this.state.parameters.slice('parameters', `${layer.name}.weight`),
        y,
        ...(layer.skip ? { skip: this.activation(layer.skip) } : {}),
      }),
    );
  }

  /** Batch statistics of the norms of a site: two dispatches a norm. */
  #statistics(layer: SiteLayer): void {
    const { parameters } = this.state;
    const site = this.state.plan.sites.get(layer.id)!;
    const norms = [{ tensor: layer.input, norm: layer.norm, at: site.norm, site: site.site }];
    if (layer.residual?.norm)
      norms.push({ tensor: layer.residual.tensor, norm: layer.residual.norm, at: site.residualNorm, site: null });
    const positions = this.batch * site.positions;
    const { rows, groups } = statisticsGroups(positions, this.reduce);
    for (const { tensor, norm, at, site: rowsAt } of norms) {
      const partial = this.memory.borrow(16 * 2 * partialRows(groups, this.reduce) * site.c4, 'partial sums');
      this.recording.add({
        label: `${norm} statistics`,
        kernel: normStatisticsKernel(this.reduce),
        dims: { positions, c4: site.c4, rows },
        buffers: { y: this.activation(tensor), partial },
        grid: [divide(site.c4, ACROSS), groups, 1],
      });
      const affine = rowsAt !== null && site.gate.kind === 'share' && site.gate.affine === 'trained';
      this.recording.add({
        label: `${norm} finish`,
        kernel: normFinishKernel(this.reduce),
        dims: {
          positions,
          c4: site.c4,
          groups: partialRows(groups, this.reduce),
          norm: at,
          gamma: parameters.vector(`${norm}.weight`),
          beta: parameters.vector(`${norm}.bias`),
          runningMean: parameters.vector(`${norm}.running_mean`),
          runningVariance: parameters.vector(`${norm}.running_var`),
          site: affine ? rowsAt : NONE,
          scale: affine ? parameters.vector(`${layer.id}.scale`) : 0,
          shift: affine ? parameters.vector(`${layer.id}.shift`) : 0,
        },
        buffers: {
          y: this.activation(tensor),
          partial,
          parameters: parameters.small.get('parameters')!,
          running: parameters.running,
          coefficients: this.state.coefficients,
        },
        grid: [site.c4, 1, 1],
      });
      this.memory.giveBack(partial);
    }
  }

  /** Shape numbers and buffers that a site's kernels share. */
  #siteBindings(site: SitePlan, variant: SiteVariant) {
    const { layer } = site;
    const { arena } = this.state;
    const usesArena = variant.published || variant.gate === 'borrow';
    return {
      dims: {
        batch: this.batch,
        positions: site.positions,
        c4: site.c4,
        norm: site.norm,
        residualNorm: site.residualNorm,
        site: site.site ?? 0,
        owner4: site.owner4,
        arenaIn: variant.gate === 'borrow' ? arena!.gates.get(site.owner!)! : 0,
      },
      buffers: {
        y: this.activation(layer.input),
        coefficients: this.state.coefficients,
        ...(layer.residual ? { residual: this.activation(layer.residual.tensor) } : {}),
        ...(hasAlpha(variant) ? { alpha: this.state.parameters.slice('parameters', `${layer.id}.alpha`) } : {}),
        ...(usesArena ? { arena: arena!.slice } : {}),
      } as Record<string, Slice>,
    };
  }

  #site(layer: SiteLayer, bare: boolean): Slice {
    const site = this.state.plan.sites.get(layer.id)!;
    const variant: SiteVariant = bare
      ? { ...site.variant, gate: 'identity', published: false, masked: false }
      : site.variant;
    const out = this.#tensor(layer.shape, layer.output);
    const { dims, buffers } = this.#siteBindings(site, variant);
    this.recording.add({
      label: `${layer.id} forward`,
      kernel: siteForwardKernel(variant),
      dims: { ...dims, arenaOut: variant.published ? this.state.arena!.gates.get(layer.id)! : 0 },
      buffers: { ...buffers, out },
      grid: linearGrid(divide(this.batch * site.positions * site.c4, 64)),
    });
    return out;
  }

  #head(layer: HeadLayer): void {
    const { parameters } = this.state;
    const c4 = groupsOf(layer.in);
    this.recording.add({
      label: 'pool',
      kernel: poolKernel,
      dims: { batch: this.batch, positions: layer.in.height * layer.in.width, c4 },
      buffers: { x: this.activation(layer.input), pooled: this.pooled },
      grid: [divide(this.batch * c4, 64), 1, 1],
    });
    this.recording.add({
      label: 'fc forward',
      kernel: linearKernel,
      dims: { batch: this.batch, c4, classes: layer.classes },
      buffers: {
        pooled: this.pooled,
        weight: parameters.slice('parameters', 'fc.weight'),
        bias: parameters.slice('parameters', 'fc.bias'),
        logits: this.logits,
      },
      grid: [divide(this.batch * layer.classes, 64), 1, 1],
    });
  }

  /** Backward pass from the gradient of the logits; needs a training forward pass before it. */
  backward(dlogits: Slice): void {
    for (const layer of this.layers.toReversed()) {
      if (layer.kind === 'head') this.#headBackward(layer, dlogits);
      else if (layer.kind === 'site') this.#siteBackward(layer);
      else this.#convBackward(layer);
    }
  }

  #headBackward(layer: HeadLayer, dlogits: Slice): void {
    const { parameters } = this.state;
    const c4 = groupsOf(layer.in);
    const classes = layer.classes;
    this.recording.add({
      label: 'fc parameter gradient',
      kernel: linearParameterGradientKernel,
      dims: { batch: this.batch, c4, classes },
      buffers: {
        pooled: this.pooled,
        dlogits,
        dweight: parameters.slice('gradients', 'fc.weight'),
        dbias: parameters.slice('gradients', 'fc.bias'),
      },
      grid: [divide(classes * c4, 64), 1, 1],
    });
    const dx = this.#tensor(layer.in, 'gradient of the head');
    this.recording.add({
      label: 'fc input gradient',
      kernel: linearInputGradientKernel,
      dims: { batch: this.batch, positions: layer.in.height * layer.in.width, c4, classes },
      buffers: { dlogits, weight: parameters.slice('parameters', 'fc.weight'), dx },
      grid: [divide(this.batch * c4, 64), 1, 1],
    });
    this.#gradients.set(layer.input, dx);
  }

  #takeGradient(id: TensorId): Slice {
    const slice = this.#gradients.get(id);
    if (!slice) throw new Error(`No gradient reached ${id}.`);
    this.#gradients.delete(id);
    return slice;
  }

  /** The buffer that gradients of a tensor go to, and whether something is in it already. */
  #gradientFor(
    id: TensorId,
    shape: { channels: number; height: number; width: number },
  ): { slice: Slice; accumulate: number } {
    const known = this.#gradients.get(id);
    if (known) return { slice: known, accumulate: 1 };
    const slice = this.#tensor(shape, `gradient of ${id}`);
    this.#gradients.set(id, slice);
    return { slice, accumulate: 0 };
  }

  #siteBackward(layer: SiteLayer): void {
    const { parameters, arena, plan } = this.state;
    const site = plan.sites.get(layer.id)!;
    const { variant, c4, positions } = site;
    const upstreams = this.#takeGradient(layer.output);
    const downstream = this.#tensor(layer.shape, `dz of ${layer.id}`);
    const range4 = variant.gate === 'borrow' ? Math.max(c4, site.owner4) : c4;
    const blocks = divide(positions, ALONG);
    const { perSlice, slices } = batchSlices(this.batch, range4, positions, this.reduce);
    const groups = partialRows(slices * blocks, this.reduce);
    const alphaAt = groups * SITE_SUMS * c4;
    const partial = this.memory.borrow(
      16 * (alphaAt + (hasAlpha(variant) ? slices * positions * c4 : 0)),
      'partial sums',
    );
    const { dims, buffers } = this.#siteBindings(site, variant);
    const owner = site.owner ? plan.sites.get(site.owner)! : null;
    this.recording.add({
      label: `${layer.id} backward`,
      kernel: siteBackwardKernel(variant, this.reduce),
      dims: {
        ...dims,
        range4,
        perSlice,
        alphaAt,
        members: site.members,
        gradientIn: variant.published ? arena!.gradients.get(layer.id)! : 0,
        gradientOut: variant.gate === 'borrow' ? arena!.gradients.get(site.owner!)! : 0,
        addToOwner: variant.gate === 'borrow' && this.#laterBorrower(layer.id, site.owner!) ? 1 : 0,
        ownerMasked: owner?.variant.masked ? 1 : 0,
      },
      buffers: { ...buffers, upstreams, downstream, partial },
      grid: [divide(range4, ACROSS), blocks, slices],
    });
    const alpha = !hasAlpha(variant) ? 'none' : variant.channelMask ? 'channel' : 'pixel';
    const alphaVectors = alpha === 'none' ? 0 : alpha === 'channel' ? c4 : c4 * positions;
    const norm = (name: string | null | undefined, suffix: string) =>
      name ? parameters.vector(`${name}.${suffix}`) : NONE;
    const affine = site.gate.kind === 'share' && site.gate.affine === 'trained';
    this.recording.add({
      label: `${layer.id} finish`,
      kernel: siteFinishKernel(alpha, this.reduce),
      dims: {
        c4,
        groups,
        count: this.batch * positions,
        norm: site.norm,
        residualNorm: site.residualNorm,
        gamma: norm(layer.norm, 'weight'),
        beta: norm(layer.norm, 'bias'),
        gammaR: norm(layer.residual?.norm, 'weight'),
        betaR: norm(layer.residual?.norm, 'bias'),
        site: site.site ?? 0,
        scale: affine ? parameters.vector(`${layer.id}.scale`) : NONE,
        shift: affine ? parameters.vector(`${layer.id}.shift`) : NONE,
        slices,
        positions,
        alphaAt,
        alphaVectors,
      },
      buffers: {
        partial,
        coefficients: this.state.coefficients,
        gradients: parameters.small.get('gradients')!,
        ...(alpha === 'none'
          ? {}
          : {
              alpha: parameters.slice('parameters', `${layer.id}.alpha`),
              alphaGradient: parameters.slice('gradients', `${layer.id}.alpha`),
            }),
      },
      grid: [siteFinishGroups(c4, alphaVectors, this.reduce), 1, 1],
    });
    this.memory.giveBack(partial);
    this.memory.giveBack(upstreams);

    const dy = this.#gradientFor(layer.input, layer.shape);
    const shortcut = layer.residual?.norm ? this.#gradientFor(layer.residual.tensor, layer.shape) : null;
    this.recording.add({
      label: `${layer.norm} backward`,
      kernel: normBackwardKernel(shortcut !== null),
      dims: {
        length: this.batch * positions * c4,
        c4,
        norm: site.norm,
        residualNorm: site.residualNorm,
        accumulate: dy.accumulate,
      },
      buffers: {
        dz: downstream,
        y: this.activation(layer.input),
        coefficients: this.state.coefficients,
        dy: dy.slice,
        ...(shortcut ? { residual: this.activation(layer.residual!.tensor), dResidual: shortcut.slice } : {}),
      },
      grid: linearGrid(divide(this.batch * positions * c4, 64)),
    });
    // Through an identity shortcut dz itself is the gradient: later kernels add to it in place.
    if (layer.residual && !layer.residual.norm) {
      if (this.#gradients.has(layer.residual.tensor))
        throw new Error(`${layer.id}: its shortcut already has a gradient.`);
      this.#gradients.set(layer.residual.tensor, downstream);
    } else this.memory.giveBack(downstream);
    this.#forget(layer.output);
  }

  /** Whether a site after `id` borrows from `owner` too: it was walked before, and its gradients are in the arena already. */
  #laterBorrower(id: string, owner: string): boolean {
    const sites = [...this.state.plan.sites.values()];
    const at = sites.findIndex((site) => site.layer.id === id);
    return sites.slice(at + 1).some((site) => site.variant.gate === 'borrow' && site.owner === owner);
  }

  #convBackward(layer: ConvLayer): void {
    const dy = this.#takeGradient(layer.output);
    this.#filterGradient(layer, dy);
    if (layer.input !== INPUT) this.#inputGradient(layer, dy);
    // A skip adds its tensor unchanged, so the output's gradient is the skip's: it stays, and later kernels add to it in place.
    if (layer.skip) {
      if (this.#gradients.has(layer.skip)) throw new Error(`${layer.name}: its skip already has a gradient.`);
      this.#gradients.set(layer.skip, dy);
    } else this.memory.giveBack(dy);
    this.#forget(layer.output);
  }

  #filterGradient(layer: ConvLayer, dy: Slice): void {
    const weight = this.state.parameters.slice('gradients', `${layer.name}.weight`);
    const { length, slices } = filterGradientSize(layer, this.batch);
    const partial = slices > 1 ? this.memory.borrow(16 * length * slices, 'partial filter gradients') : weight;
    const tile = this.tiles('filter gradient', layer, this.batch);
    this.recording.add(
      filterGradientDispatch(layer, this.batch, tile, { x: this.activation(layer.input), dy, partial }),
    );
    if (slices === 1) return;
    this.recording.add({
      label: `${layer.name} sum slices`,
      kernel: sumSlicesKernel,
      dims: { length, slices },
      buffers: { partial, gradient: weight },
      grid: linearGrid(divide(length, 64)),
    });
    this.memory.giveBack(partial);
  }

  #inputGradient(layer: ConvLayer, dy: Slice): void {
    const { slice: dx, accumulate } = this.#gradientFor(layer.input, layer.in);
    const w = this.state.parameters.slice('parameters', `${layer.name}.weight`);
    this.recording.add(
      inputGradientDispatch(layer, this.batch, this.tiles('input gradient', layer, this.batch), accumulate, {
        dy,
        w,
        dx,
      }),
    );
  }
}
