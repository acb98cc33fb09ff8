/**
 * What one private inference costs under DELPHI: linear layers by homomorphic encryption offline and secret shares online, a
 * garbled circuit for each DReLU, a Beaver multiplication for each neuron that is gated by a DReLU of another.
 *
 *   offline = keys / up + Σ layers (HE upload / up + download / down + encrypt + decrypt + evaluate)
 *             + R · (garble + encode) + R · circuit bytes / link + R · oblivious transfer / links
 *   online  = fixed + MACs · rate + R · (evaluate + encode) + R · label bytes / link + R · answer bytes / link
 *             + (multiplications − R) · small bytes / links
 *
 * Server garbles (measured): circuits go down, the client evaluates and stores them. Client garbles (derived: the roles turned
 * round): circuits go up, the server evaluates; the evaluator's inputs are then known online only, so that the oblivious
 * transfer moves there, and the garbler's labels go offline.
 *
 * HE evaluation of a layer = MACs at input resolution · 0.355 s/MMAC · 1.085^log2(32 / side) · threads(Amdahl). Every constant
 * and its source stands in latencyConstants.ts. Seconds, bytes, one image.
 */
import { z } from 'zod';
import type { Counts } from './counting.ts';
import { layerCostsOf } from './layerCost.ts';
import type { LayerCost } from './layerCost.ts';
import { LATENCY } from './latencyConstants.ts';
import type { NetworkSpec } from './network.ts';

export const latencySettingsSchema = z.strictObject({
  /** Megabits a second, client to server. */
  uploadMbps: z.number().positive(),
  /** Megabits a second, server to client. */
  downloadMbps: z.number().positive(),
  /** Server threads that evaluate HE. */
  heThreads: z.int().min(1).max(17),
  /** Server threads that garble (or evaluate circuits, where the client garbles). */
  serverThreads: z.int().min(1).max(64),
  /** Client threads that evaluate circuits (or garble). */
  clientThreads: z.int().min(1).max(4),
  garbler: z.enum(['server', 'client']),
});
export type LatencySettings = z.infer<typeof latencySettingsSchema>;

/** The setting of the golden totals. */
export const DEFAULT_SETTINGS: LatencySettings = {
  uploadMbps: 100,
  downloadMbps: 500,
  heThreads: 1,
  serverThreads: 1,
  clientThreads: 1,
  garbler: 'server',
};

/** One cause's cost in one phase. */
export interface Cost {
  compute: number;
  bytesUp: number;
  bytesDown: number;
  /** compute + both transfers. */
  seconds: number;
}

export interface LayerLatency {
  /** Convolution, classifier or gate site. */
  name: string;
  kind: 'linear' | 'relu' | 'multiplication';
  stage: number;
  offline: Cost;
  online: Cost;
}

export interface PhaseLatency extends Cost {
  /** Keys and what does not depend on the network. */
  fixed: Cost;
  /** FLOPs' part: convolutions and classifier. */
  linear: Cost;
  /** DReLUs' part: garbled circuits. */
  relu: Cost;
  /** Extra multiplications' part. */
  multiplication: Cost;
}

export interface Latency {
  offline: PhaseLatency;
  online: PhaseLatency;
  /** offline + online. */
  seconds: number;
  /** Bytes the client keeps from offline to online. */
  clientStorage: number;
  /** In forward order: linear layers, then each site's circuits and multiplications where it has any. */
  layers: LayerLatency[];
}

const NOTHING: Cost = { compute: 0, bytesUp: 0, bytesDown: 0, seconds: 0 };

const v = (name: keyof typeof LATENCY) => LATENCY[name].value;

/** Amdahl's law: time on `threads` beside one, with the share that stays serial. */
const amdahl = (serial: number, threads: number) => serial + (1 - serial) / threads;

/** The serial share by which `all` on `threads` threads follows from `one`. */
const serialShare = (one: number, all: number, threads: number) => (all / one - 1 / threads) / (1 - 1 / threads);

const SERVER_THREADS = 64;
const GARBLE_SERIAL = serialShare(v('garbleServer'), v('garbleServerAll'), SERVER_THREADS);
const EVALUATE_SERIAL = serialShare(v('evaluateServer'), v('evaluateServerAll'), SERVER_THREADS);

/** HE evaluation of one linear layer on one thread, seconds. */
export function heSeconds(layer: Pick<LayerCost, 'name' | 'macs' | 'in' | 'out'>): number {
  const side = Math.sqrt(layer.in.height * layer.in.width);
  const positions = layer.out.height * layer.out.width;
  const atInput = (layer.macs / positions) * side * side;
  const rate = layer.name === 'conv1' ? v('heStem') : v('hePerMmac');
  return (atInput / 1e6) * rate * v('heHalving') ** Math.log2(32 / side);
}

const blocks = (activations: number) => Math.ceil(activations / v('blockSlots'));

/** Cost of `count` DReLUs, both phases. */
function circuits(count: number, settings: LatencySettings, cost: CostMaker): Pick<LayerLatency, 'offline' | 'online'> {
  const garbleOnServer = v('garbleServer') * amdahl(GARBLE_SERIAL, settings.serverThreads);
  const evaluateOnServer = v('evaluateServer') * amdahl(EVALUATE_SERIAL, settings.serverThreads);
  // Nobody measured the Atom on several threads: it is taken to scale as the EPYC does.
  const garbleOnClient = v('garbleClient') * amdahl(GARBLE_SERIAL, settings.clientThreads);
  const evaluateOnClient = v('evaluateClient') * amdahl(EVALUATE_SERIAL, settings.clientThreads);
  if (settings.garbler === 'server')
    return {
      offline: cost(
        count * (garbleOnServer + v('encodeOffline')),
        count * v('transferRequestBytes'),
        count * (v('circuitBytes') + v('transferAnswerBytes')),
      ),
      online: cost(count * (evaluateOnClient + v('encodeOnline')), count * v('answerBytes'), count * v('labelBytes')),
    };
  return {
    offline: cost(count * (garbleOnClient + v('encodeOffline')), count * (v('circuitBytes') + v('labelBytes')), 0),
    online: cost(
      count * (evaluateOnServer + v('encodeOnline')),
      count * v('transferAnswerBytes'),
      count * (v('transferRequestBytes') + v('answerBytes')),
    ),
  };
}

type CostMaker = (compute: number, bytesUp: number, bytesDown: number) => Cost;

const bytesPerSecond = (mbps: number) => (mbps * 1e6) / 8;

const costMaker =
  (settings: LatencySettings): CostMaker =>
  (compute, bytesUp, bytesDown) => ({
    compute,
    bytesUp,
    bytesDown,
    seconds:
      compute + bytesUp / bytesPerSecond(settings.uploadMbps) + bytesDown / bytesPerSecond(settings.downloadMbps),
  });

const add = (a: Cost, b: Cost): Cost => ({
  compute: a.compute + b.compute,
  bytesUp: a.bytesUp + b.bytesUp,
  bytesDown: a.bytesDown + b.bytesDown,
  seconds: a.seconds + b.seconds,
});

/** Latency of one inference. `counts`: countsOf(spec, gates, known). */
export function latencyOf(
  spec: NetworkSpec,
  counts: Pick<Counts, 'sites'>,
  settings: LatencySettings = DEFAULT_SETTINGS,
): Latency {
  const cost = costMaker(settings);
  const sites = new Map(counts.sites.map((site) => [site.id, site]));
  const he = amdahl(v('heSerialShare'), Math.min(settings.heThreads, v('heMaxThreads')));
  const small = v('multiplicationShare') * (v('labelBytes') + v('answerBytes'));
  const layers: LayerLatency[] = [];
  for (const layer of layerCostsOf(spec)) {
    const { name, stage } = layer;
    if (layer.kind !== 'norm') {
      const inputs = blocks(layer.in.channels * layer.in.height * layer.in.width);
      const outputs = blocks(layer.out.channels * layer.out.height * layer.out.width);
      layers.push({
        name,
        kind: 'linear',
        stage,
        offline: cost(
          inputs * v('encryptBlock') + outputs * v('decryptBlock') + heSeconds(layer) * he,
          inputs * v('uploadBlockBytes'),
          outputs * v('downloadBlockBytes'),
        ),
        online: cost((layer.macs / 1e6) * v('onlinePerMmac'), 0, 0),
      });
      continue;
    }
    const site = sites.get(name);
    if (!site) continue;
    if (site.drelus > 0) layers.push({ name, kind: 'relu', stage, ...circuits(site.drelus, settings, cost) });
    // A neuron that computes its own DReLU multiplies inside the circuit; the others need a multiplication of their own.
    const extra = Math.max(0, site.multiplications - site.drelus);
    if (extra > 0)
      layers.push({
        name,
        kind: 'multiplication',
        stage,
        offline: NOTHING,
        online: cost(0, (extra * small) / 2, (extra * small) / 2),
      });
  }

  const phase = (key: 'offline' | 'online', fixed: Cost): PhaseLatency => {
    const of = (kind: LayerLatency['kind']) =>
      layers.filter((layer) => layer.kind === kind).reduce((sum, layer) => add(sum, layer[key]), NOTHING);
    const parts = { fixed, linear: of('linear'), relu: of('relu'), multiplication: of('multiplication') };
    return { ...Object.values(parts).reduce(add), ...parts };
  };
  const offline = phase('offline', cost(0, v('keyBytes'), 0));
  const online = phase('online', cost(v('onlineFixed'), 0, 0));
  const drelus = counts.sites.reduce((sum, site) => sum + site.drelus, 0);
  const stored = v(settings.garbler === 'server' ? 'storageBytes' : 'garblerStorageBytes');
  return { offline, online, seconds: offline.seconds + online.seconds, clientStorage: drelus * stored, layers };
}
