/**
 * What a party holds for a session: the channel, the hash, both directions of OT extension, and where the two keep in step.
 */
import type { Channel, PhaseName } from './channel.ts';
import { ProtocolError } from './errors.ts';
import type { LabelHash } from './labelHash.ts';
import type { Program } from './program.ts';
import type { ExtensionReceiver, ExtensionSender } from './transferExtension.ts';

/** Comparators garbled, sent and evaluated at once: 4 MB of tables. */
const CHUNK = 4096;
/** Transfers to the client for each comparison: 32 input bits and one for its multiplexers. */
export const TRANSFERS = 33;

/** Ahead: tables of the whole batch are made offline and kept. Streamed: made when they are needed and dropped at once. */
export type BatchMode = 'ahead' | 'streamed';

/** Shares that a party holds, for a view of its memory. */
export type ShareWatcher = (layer: string, shares: Uint32Array) => void;

export interface SessionHooks {
  onStep?: (phase: PhaseName, layer: string) => void;
  onShares?: ShareWatcher;
}

export interface Session {
  channel: Channel;
  hash: LabelHash;
  /** This party sends correlated transfers with its offset. */
  sender: ExtensionSender;
  /** This party chooses in the other's transfers. */
  receiver: ExtensionReceiver;
  program: Program;
  hooks: SessionHooks;
  /** Comparisons so far: the tweak of the next. */
  comparisons: number;
  /** Batches so far: the name of the next one's randomness. */
  batches: number;
}

/** Reserves tweaks for `count` comparisons. @throws ProtocolError where the session has used them up. */
export function reserve(session: Session, count: number): number {
  const first = session.comparisons;
  if (first + count >= 2 ** 32)
    throw new ProtocolError('This session has used up its 2^32 comparisons: connect again.');
  session.comparisons = first + count;
  return first;
}

/** `count` comparisons cut into [from, length] pieces. */
export function chunksOf(count: number): [from: number, length: number][] {
  return Array.from({ length: Math.ceil(count / CHUNK) }, (_, i) => [i * CHUNK, Math.min(CHUNK, count - i * CHUNK)]);
}
