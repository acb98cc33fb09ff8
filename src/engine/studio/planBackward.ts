/**
 * Lays the backward pass out behind a training forward pass: layers in reverse, gradients by tensor.
 *
 * A tensor's gradient starts as whatever reaches it first; later contributions add to it in place. Identity shortcuts hand their
 * gradient on without a copy.
 */
import { INPUT, type ConvLayer, type HeadLayer, type SiteLayer, type TensorId } from '../../domain/network.ts';
import { linearInputGradientKernel, linearParameterGradientKernel } from '../kernels/head.ts';
import { normBackwardKernel } from '../kernels/norm.ts';
import { ACROSS, ALONG, partialRows } from '../kernels/partialSums.ts';
import { siteBackwardKernel, SITE_SUMS } from '../kernels/siteBackward.ts';
import { siteFinishGroups, siteFinishKernel } from '../kernels/siteFinish.ts';
import { hasAlpha, isLocal } from '../kernels/siteGate.ts';
import { NONE } from '../kernels/siteTables.ts';
import type { Slice } from '../gpu/memory.ts';
import { filterGradientDispatches, inputGradientDispatches } from './convDispatch.ts';
import { groupsOf, scratchVectors } from './convSizes.ts';
import { batchSlices, divide, linearGrid } from './geometry.ts';
import { ForwardPlan } from './planForward.ts';

export class TrainingPlan extends ForwardPlan {
  readonly #gradients = new Map<TensorId, Slice>();

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
      dims: { batch: this.context.batch, c4, classes },
      buffers: {
        pooled: this.pooled,
        dlogits,
        dweight: parameters.slice('gradients', 'fc.weight'),
        dbias: parameters.slice('gradients', 'fc.bias'),
      },
      grid: [divide(classes * c4, 64), 1, 1],
    });
    const dx = this.tensor(layer.in, 'gradient of the head');
    this.recording.add({
      label: 'fc input gradient',
      kernel: linearInputGradientKernel,
      dims: { batch: this.context.batch, positions: layer.in.height * layer.in.width, c4, classes },
      buffers: { dlogits, weight: parameters.slice('parameters', 'fc.weight'), dx },
      grid: [divide(this.context.batch * c4, 64), 1, 1],
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
    const slice = this.tensor(shape, `gradient of ${id}`);
    this.#gradients.set(id, slice);
    return { slice, accumulate: 0 };
  }

  #siteBackward(layer: SiteLayer): void {
    const { parameters, drelus, plan } = this.state;
    const site = plan.sites.get(layer.id)!;
    const { variant, c4, positions } = site;
    const upstreams = this.#takeGradient(layer.output);
    // dz is stored where an identity shortcut hands it on, or where it depends on more than the neuron itself.
    const handedOn = layer.residual !== null && !layer.residual.norm;
    const stored = handedOn || !isLocal(variant);
    const dz = stored ? this.tensor(layer.shape, `dz of ${layer.id}`) : null;
    const range4 = variant.gate === 'borrow' ? Math.max(c4, site.owner4) : c4;
    const blocks = divide(positions, ALONG);
    const { perSlice, slices } = batchSlices(this.context.batch, range4, positions, this.context.reduce);
    const groups = partialRows(slices * blocks, this.context.reduce);
    const alphaAt = groups * SITE_SUMS * c4;
    const partial = this.context.memory.borrow(
      16 * (alphaAt + (hasAlpha(variant) ? slices * positions * c4 : 0)),
      'partial sums',
    );
    const { dims, buffers } = this.siteBindings(site, variant);
    const owner = site.owner ? plan.sites.get(site.owner)! : null;
    this.recording.add({
      label: `${layer.id} backward`,
      kernel: siteBackwardKernel(variant, this.context.reduce, stored),
      dims: {
        ...dims,
        range4,
        perSlice,
        alphaAt,
        members: site.members,
        gradientIn: variant.exported ? drelus!.gradients.get(layer.id)! : 0,
        gradientOut: variant.gate === 'borrow' ? drelus!.gradients.get(site.owner!)! : 0,
        addToOwner: variant.gate === 'borrow' && this.#laterBorrower(layer.id, site.owner!) ? 1 : 0,
        ownerMasked: owner?.variant.masked ? 1 : 0,
      },
      buffers: { ...buffers, upstreams, ...(dz ? { downstream: dz } : {}), partial },
      grid: [divide(range4, ACROSS), blocks, slices],
    });
    const alpha = !hasAlpha(variant) ? 'none' : variant.channelMask ? 'channel' : 'pixel';
    const alphaVectors = alpha === 'none' ? 0 : alpha === 'channel' ? c4 : c4 * positions;
    const norm = (name: string | null | undefined, suffix: string) =>
      name ? parameters.vector(`${name}.${suffix}`) : NONE;
    const affine = site.gate.kind === 'share' && site.gate.affine === 'trained';
    this.recording.add({
      label: `${layer.id} finish`,
      kernel: siteFinishKernel(alpha, this.context.reduce),
      dims: {
        c4,
        groups,
        count: this.context.batch * positions,
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
      grid: [siteFinishGroups(c4, alphaVectors, this.context.reduce), 1, 1],
    });
    this.context.memory.giveBack(partial);
    if (dz) this.context.memory.giveBack(upstreams);

    const dy = this.#gradientFor(layer.input, layer.shape);
    const shortcut = layer.residual?.norm ? this.#gradientFor(layer.residual.tensor, layer.shape) : null;
    this.recording.add({
      label: `${layer.norm} backward`,
      kernel: normBackwardKernel(shortcut !== null, stored ? null : variant),
      dims: {
        length: this.context.batch * positions * c4,
        positions,
        c4,
        norm: site.norm,
        residualNorm: site.residualNorm,
        accumulate: dy.accumulate,
      },
      buffers: {
        gradient: dz ?? upstreams,
        y: this.activation(layer.input),
        ...(!stored && buffers.alpha ? { alpha: buffers.alpha } : {}),
        coefficients: this.state.coefficients,
        dy: dy.slice,
        ...(shortcut ? { residual: this.activation(layer.residual!.tensor), dResidual: shortcut.slice } : {}),
      },
      grid: linearGrid(divide(this.context.batch * positions * c4, 64)),
    });
    // Through an identity shortcut dz itself is the gradient: later kernels add to it in place.
    if (dz && handedOn) {
      if (this.#gradients.has(layer.residual!.tensor))
        throw new Error(`${layer.id}: its shortcut already has a gradient.`);
      this.#gradients.set(layer.residual!.tensor, dz);
    } else this.context.memory.giveBack(dz ?? upstreams);
    this.forget(layer.output);
  }

  /** Whether a site after `id` borrows from `owner` too: it was walked before, and its gradients are in the DReLU buffer already. */
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
    } else this.context.memory.giveBack(dy);
    this.forget(layer.output);
  }

  #filterGradient(layer: ConvLayer, dy: Slice): void {
    const { batch } = this.context;
    const dw = this.state.parameters.slice('gradients', `${layer.name}.weight`);
    const tile = this.context.tiles('filter gradient', layer, batch);
    const x = this.activation(layer.input);
    this.withScratch(scratchVectors('filter gradient', layer, batch, tile), (scratch) =>
      filterGradientDispatches(layer, batch, tile, { x, dy, dw, scratch }),
    );
  }

  #inputGradient(layer: ConvLayer, dy: Slice): void {
    const { batch } = this.context;
    const { slice: dx, accumulate } = this.#gradientFor(layer.input, layer.in);
    const w = this.state.parameters.slice('parameters', `${layer.name}.weight`);
    const tile = this.context.tiles('input gradient', layer, batch);
    this.withScratch(scratchVectors('input gradient', layer, batch, tile), (scratch) =>
      inputGradientDispatches(layer, batch, tile, accumulate, { dy, w, dx, scratch }),
    );
  }
}
