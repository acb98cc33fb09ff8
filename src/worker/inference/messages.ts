/** What the page says to the workers of private inference and hears from them: types only. */
import type { Traffic } from '../../inference/channel.ts';

export type PartyRole = 'client' | 'server' | 'dealer';

/** The simulated network between client and server; null: none. */
export interface WireSettings {
  /** Megabits per second, client to server and back. */
  uploadMbps: number;
  downloadMbps: number;
  /** Milliseconds. */
  roundTripMs: number;
}

/** RGBA pixels, `width` × `height` each, one image after the other. */
export interface PictureSet {
  width: number;
  height: number;
  rgba: Uint8ClampedArray;
}

export type ToParty =
  | { type: 'client'; server: MessagePort; dealer: MessagePort; wire: WireSettings | null; images: PictureSet }
  | {
      type: 'server';
      client: MessagePort;
      dealer: MessagePort;
      wire: WireSettings | null;
      masks: string;
      weights: Uint8Array;
    }
  | { type: 'dealer'; client: MessagePort; server: MessagePort }
  /** The network in the clear: what the protocol's result is compared with. */
  | { type: 'reference'; masks: string; weights: Uint8Array; images: PictureSet };

/** 64 bins over the high bits of every word that a party holds of one tensor. */
export interface ShareHistogram {
  layer: string;
  bins: number[];
  values: number;
}

export interface PrivateResult {
  /** images × classes */
  logits: number[][];
  traffic: Traffic[];
  comparisons: number;
  multiplexers: number;
  squares: number;
  seconds: { offline: number; online: number };
  dealerBytes: number;
  mode: 'ahead' | 'streamed';
}

export interface ReferenceResult {
  /** In the protocol's fixed point, and in float64. */
  fixed: number[][];
  float: number[][];
  /** Largest output of a linear layer. */
  largest: number;
}

export type FromParty =
  | { type: 'progress'; role: PartyRole; phase: string; layer: string; sent: number; received: number; rounds: number }
  | { type: 'shares'; role: PartyRole; shares: ShareHistogram }
  | { type: 'result'; result: PrivateResult }
  | { type: 'reference'; result: ReferenceResult }
  | { type: 'ended'; role: PartyRole }
  | { type: 'failed'; role: PartyRole | 'reference'; message: string };
