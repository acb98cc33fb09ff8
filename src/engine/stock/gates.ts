/**
 * Gates in tfjs's own ops, differentiated by tfjs. Tensors are N,H,W,C.
 *
 *   relu      z · d                                   hard: tf.relu
 *   mask      α · ReLU(z) + (1 − α) · z               always hard
 *   share     z · (scale · G[source] + shift)         scale 1 and shift 0 at the site's own prototypes
 *   G         A · d + (1 − A) of the owner site       A: α at masked prototypes, 1 elsewhere
 *   d         (1 − mix) · Φ(slope · z) + mix · 1[z > 0]; hard: 1[z > 0], through which nothing flows back
 *
 * Channels are picked by a matrix of zeros and ones: exact in floats, and its gradient is a matmul without atomics.
 */
import * as tf from '@tensorflow/tfjs';
import { gateOf, type GateMap, type ShareGate } from '../../domain/gateMap.ts';
import { sitesOf, type NetworkSpec, type SiteId } from '../../domain/network.ts';
import type { StepSettings } from '../api.ts';

export type Soft = StepSettings['soft'];
/** Looks a parameter up by name, in the inside layout. */
export type Lookup = (name: string) => tf.Tensor;

/** What later sites share of a site: its pre-activation, and its DReLUs once they are needed. */
interface Shown {
  z: tf.Tensor4D;
  sharedDrelus?: tf.Tensor4D;
}

/** Constant tensors of one share site. */
interface ShareConstants {
  /** (owner's channels, C): column c is 1 at source[c]. */
  pick: tf.Tensor2D;
  /** (C): 1 at replicates, 0 at own prototypes; and its complement. */
  free: tf.Tensor1D;
  own: tf.Tensor1D;
  /** (P, C): row p is 1 at prototypes[p]; null where nothing is masked. */
  spread: tf.Tensor2D | null;
}

function drelu(z: tf.Tensor4D, soft: Soft): tf.Tensor4D {
  const step = () => tf.step(z) as tf.Tensor4D;
  if (!soft) return step();
  const phi: tf.Tensor4D = tf.mul(0.5, tf.add(1, tf.erf(tf.mul(z, soft.slope * Math.SQRT1_2))));
  return soft.mix === 0 ? phi : tf.add(tf.mul(1 - soft.mix, phi), tf.mul(soft.mix, step()));
}

export class Gates {
  private readonly constants = new Map<SiteId, ShareConstants>();
  private readonly gates: GateMap;

  constructor(network: NetworkSpec, gates: GateMap) {
    this.gates = gates;
    const channelsOf = new Map(sitesOf(network).map(({ id, shape }) => [id, shape[0]]));
    for (const [id, channels] of channelsOf) {
      const gate = gateOf(gates, id);
      if (gate.kind === 'share')
        this.constants.set(id, shareConstants(gate, channels, channelsOf.get(gate.from ?? id) ?? 0));
    }
  }

  /** The state of one forward pass: what earlier sites show. */
  pass(lookup: Lookup, soft: Soft): (site: SiteId, z: tf.Tensor4D) => tf.Tensor4D {
    const shown = new Map<SiteId, Shown>();
    return (site, z) => {
      shown.set(site, { z });
      return this.apply(site, z, shown, lookup, soft);
    };
  }

  private apply(site: SiteId, z: tf.Tensor4D, shown: Map<SiteId, Shown>, lookup: Lookup, soft: Soft): tf.Tensor4D {
    const gate = gateOf(this.gates, site);
    switch (gate.kind) {
      case 'identity':
        return z;
      case 'relu':
        return soft ? tf.mul(z, drelu(z, soft)) : tf.relu(z);
      case 'mask': {
        const alpha = lookup(`${site}.alpha`);
        return tf.add(tf.mul(alpha, tf.relu(z)), tf.mul(tf.sub(1, alpha), z));
      }
      case 'share': {
        const { pick, free, own } = this.constants.get(site)!;
        const sharedDrelus = this.sharedDrelus(gate.from ?? site, shown, lookup, soft);
        const picked = tf.matMul(sharedDrelus.reshape([-1, pick.shape[0]]), pick).reshape(z.shape);
        if (gate.affine === 'fixed') return tf.mul(z, picked);
        const scale = tf.add(tf.mul(lookup(`${site}.scale`), free), own);
        const shift = tf.mul(lookup(`${site}.shift`), free);
        return tf.mul(z, tf.add(tf.mul(scale, picked), shift));
      }
    }
  }

  /** G of a site: its DReLUs as others see them. */
  private sharedDrelus(site: SiteId, shown: Map<SiteId, Shown>, lookup: Lookup, soft: Soft): tf.Tensor4D {
    const entry = shown.get(site);
    if (!entry) throw new RangeError(`A gate shares the DReLUs of site "${site}", which does not come before it.`);
    if (!entry.sharedDrelus) {
      const d = drelu(entry.z, soft);
      const spread = this.constants.get(site)?.spread;
      if (!spread) {
        entry.sharedDrelus = d;
      } else {
        // 1 − A per channel: 1 − α at prototypes, 0 elsewhere.
        const alpha = lookup(`${site}.alpha`);
        const [height, width, prototypes] = alpha.shape;
        const open = tf
          .matMul(tf.sub(1, alpha).reshape([height * width, prototypes]), spread)
          .reshape([height, width, spread.shape[1]]);
        entry.sharedDrelus = tf.add(tf.mul(tf.sub(1, open), d), open);
      }
    }
    return entry.sharedDrelus;
  }

  dispose(): void {
    for (const { pick, free, own, spread } of this.constants.values())
      tf.dispose([pick, free, own, ...(spread ? [spread] : [])]);
  }
}

function shareConstants(gate: ShareGate, channels: number, ownerChannels: number): ShareConstants {
  const pick = new Float32Array(ownerChannels * channels);
  gate.source.forEach((source, channel) => (pick[source * channels + channel] = 1));
  const own = new Float32Array(channels);
  for (const prototype of gate.prototypes) own[prototype] = 1;
  const spread = new Float32Array(gate.prototypes.length * channels);
  gate.prototypes.forEach((prototype, row) => (spread[row * channels + prototype] = 1));
  return {
    pick: tf.tensor2d(pick, [ownerChannels, channels]),
    free: tf.tensor1d(own.map((x) => 1 - x)),
    own: tf.tensor1d(own),
    spread: gate.masked && gate.prototypes.length > 0 ? tf.tensor2d(spread, [gate.prototypes.length, channels]) : null,
  };
}
