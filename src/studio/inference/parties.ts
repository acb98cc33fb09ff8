/**
 * Private inference in the page: starts the parties' workers, joins them by message channels, and keeps what they tell. The page stands
 * outside the protocol; it sees both sides in order to show them.
 */
import { create } from 'zustand';
import type { RunSummary } from '../../worker/protocol.ts';
import type {
  FromParty,
  PartyRole,
  PrivateResult,
  ReferenceResult,
  ShareHistogram,
  ToParty,
  WireSettings,
} from '../../worker/inference/messages.ts';
import { parseMasks } from '../../domain/masksFile.ts';
import type { ReadMasks } from '../../domain/masksFile.ts';
import { ask } from '../link.ts';
import { messageOf } from '../notify.ts';

export interface PartyProgress {
  phase: string;
  layer: string;
  sent: number;
  received: number;
  rounds: number;
}

export interface InferenceState {
  /** The run that the figures are of. */
  run: string | null;
  masks: ReadMasks | null;
  running: boolean;
  problem: string | null;
  wire: WireSettings | null;
  labels: number[];
  /** RGBA of the images, for the result table. */
  pictures: { width: number; height: number; rgba: Uint8ClampedArray } | null;
  progress: Partial<Record<PartyRole, PartyProgress>>;
  /** The last tensors' shares of each party, by layer. */
  shares: Record<'client' | 'server', ShareHistogram[]>;
  result: PrivateResult | null;
  reference: ReferenceResult | null;
}

const FRESH = {
  problem: null,
  labels: [],
  pictures: null,
  progress: {},
  shares: { client: [], server: [] },
  result: null,
  reference: null,
  masks: null,
};

export const useInference = create<InferenceState>(() => ({ ...FRESH, run: null, running: false, wire: null }));
const { setState, getState } = useInference;

let workers: Worker[] = [];

/** Ends the parties; figures so far stay. */
export function stopParties(): void {
  for (const worker of workers) worker.terminate();
  workers = [];
  setState({ running: false });
}

function fail(message: string): void {
  stopParties();
  setState({ problem: message });
}

function receive(message: FromParty): void {
  const state = getState();
  switch (message.type) {
    case 'progress': {
      const { phase, layer, sent, received, rounds } = message;
      setState({ progress: { ...state.progress, [message.role]: { phase, layer, sent, received, rounds } } });
      break;
    }
    case 'shares': {
      if (message.role === 'dealer') break;
      const others = state.shares[message.role].filter(({ layer }) => layer !== message.shares.layer);
      setState({ shares: { ...state.shares, [message.role]: [...others, message.shares] } });
      break;
    }
    case 'result':
      setState({ result: message.result });
      if (state.reference) stopParties();
      break;
    case 'reference':
      setState({ reference: message.result });
      if (state.result) stopParties();
      break;
    case 'failed':
      // The party that found the fault says what it was; the others only that the connection ended.
      if (state.running) fail(`${message.role}: ${message.message}`);
      break;
    case 'ended':
      break;
  }
}

function party(message: ToParty, transfer: Transferable[] = []): void {
  const worker = new Worker(new URL('../../worker/inference/partyWorker.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  worker.onmessage = ({ data }: MessageEvent<FromParty>) => receive(data);
  worker.onerror = (event) => fail(`${message.type}: ${event.message || 'its worker could not be loaded.'}`);
  worker.postMessage(message, transfer);
}

export interface InferenceSettings {
  /** First test image and how many. */
  first: number;
  images: number;
  wire: WireSettings | null;
}

/** Classifies test images of the run's data set privately, and in the clear beside. */
export async function startParties(run: RunSummary, { first, images, wire }: InferenceSettings): Promise<void> {
  stopParties();
  setState({ ...FRESH, run: run.id, running: true, wire });
  try {
    const { dataset } = run.experiment;
    const indices = Array.from({ length: images }, (_, i) => first + i);
    const [files, { labels, ...pictures }] = await Promise.all([
      ask({ type: 'masks:export', run: run.id }),
      ask({ type: 'data:thumbnails', name: dataset.name, part: 'test', indices, syntheticSeed: dataset.syntheticSeed }),
    ]);
    if (!getState().running || getState().run !== run.id) return;
    if (labels.length < images) throw new Error(`There are only ${labels.length} such test images.`);
    setState({ labels, pictures, masks: parseMasks(files.masks) });
    const between = new MessageChannel();
    const clientDealer = new MessageChannel();
    const serverDealer = new MessageChannel();
    party({ type: 'dealer', client: clientDealer.port2, server: serverDealer.port2 }, [
      clientDealer.port2,
      serverDealer.port2,
    ]);
    party(
      {
        type: 'server',
        client: between.port2,
        dealer: serverDealer.port1,
        wire,
        masks: files.masks,
        weights: files.weights,
      },
      [between.port2, serverDealer.port1],
    );
    party({ type: 'client', server: between.port1, dealer: clientDealer.port1, wire, images: pictures }, [
      between.port1,
      clientDealer.port1,
    ]);
    party({ type: 'reference', masks: files.masks, weights: files.weights, images: pictures });
  } catch (error) {
    fail(messageOf(error));
  }
}
