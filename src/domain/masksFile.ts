/**
 * masks.json, the studio's main product: which neuron keeps its ReLU, which channels share whose DReLU, how the run was made and what it
 * reached (design: formats). Version 1.
 *
 * In memory a file is its gate map and, per site, the bits, scales and shifts that training left:
 *
 *   mask    kept (C·H·W)                                        written for every neuron, channel-wise masks too
 *   share   scale (C), shift (C); masked: kept (P·H·W)          a fixed affine is written as ones and zeros
 */
import { z } from 'zod';
import { countsOf } from './counting.ts';
import type { Counts } from './counting.ts';
import { networkSchema } from './experiment.ts';
import { gateOf } from './gateMap.ts';
import type { GateMap, SiteIdMap } from './gateMap.ts';
import { decodeSite, encodeSite, siteSchema } from './masksSite.ts';
import type { TrainedGate } from './masksSite.ts';
import { MasksFileError } from './masksError.ts';
import { sitesOf } from './network.ts';
import type { NetworkSpec, SiteId } from './network.ts';
import { printable, shown } from './printable.ts';
import { parseJson, readableIssue } from './readable.ts';

export { MasksFileError } from './masksError.ts';
export type { TrainedGate } from './masksSite.ts';

const count = z.int().min(0);
const accuracy = z.number().min(0).max(1).nullable().optional();

const headSchema = z.looseObject({
  format: z.literal('relu-studio/masks'),
  version: z.literal(1),
  generator: z.looseObject({ name: z.string(), version: z.string() }),
  createdAt: z.iso.datetime({ offset: true, local: true }),
  network: networkSchema,
  dataset: z.looseObject({
    name: z.string(),
    trainImages: count,
    validationImages: count,
    testImages: count,
    mean: z.array(z.number()),
    std: z.array(z.number().refine((value) => Math.fround(value) > 0, 'must be positive as a float32')),
  }),
  /** Every setting of the run. */
  method: z.looseObject({ name: z.string(), budget: count.nullish() }),
  metrics: z.looseObject({
    drelus: count,
    multiplications: count,
    macs: count,
    testAccuracy: accuracy,
    validationAccuracy: accuracy,
    denseTestAccuracy: accuracy,
  }),
  weights: z.looseObject({
    file: z.string().min(1),
    sha256: z.string().regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits'),
  }),
});

export const masksFileSchema = headSchema.extend({ sites: z.array(siteSchema) });

/** The JSON object as it stands in the file. */
export type MasksFile = z.infer<typeof masksFileSchema>;
export type MasksHead = z.infer<typeof headSchema>;

/** A masks file taken apart. */
export interface MasksContent {
  /** Everything but network, sites and the counted metrics. */
  about: Pick<MasksHead, 'generator' | 'createdAt' | 'dataset' | 'method' | 'weights'>;
  /** Accuracies, 0 to 1; null where not measured. */
  accuracy: { test: number | null; validation: number | null; denseTest: number | null };
  network: NetworkSpec;
  gates: GateMap;
  /** Bits and affines by site; a mask without bits counts as wholly kept, a share without affine as (1, 0). */
  trained: SiteIdMap<TrainedGate>;
}

export interface ReadMasks extends MasksContent {
  counts: Counts;
}

/** @throws RangeError naming the site whose bits, scales or shifts have a wrong length. */
export function encodeMasks(content: MasksContent): MasksFile {
  const { about, accuracy: reached, network, gates, trained } = content;
  const sites = sitesOf(network).map((site) => encodeSite(site, gateOf(gates, site.id), trained[site.id] ?? {}));
  const written = decodeSites(network, sites);
  const { total } = countsOf(network, written.gates, written.trained);
  return {
    format: 'relu-studio/masks',
    version: 1,
    generator: about.generator,
    createdAt: about.createdAt,
    network: networkRecord(network),
    dataset: about.dataset,
    method: about.method,
    metrics: {
      drelus: total.drelus,
      multiplications: total.multiplications,
      macs: total.macs,
      testAccuracy: reached.test,
      validationAccuracy: reached.validation,
      denseTestAccuracy: reached.denseTest,
    },
    weights: about.weights,
    sites,
  };
}

/** The fields in the format's order; finalGate only where the family has one. */
function networkRecord(spec: NetworkSpec): NetworkSpec {
  const { family, blocks, widths, stemGate, inputShape, classes } = spec;
  const common = { family, blocks, widths, stemGate, inputShape, classes };
  return family === 'wide-resnet' ? { ...common, finalGate: spec.finalGate ?? true } : common;
}

/** Readable by a person: one line per top-level field, one line per site. */
export function masksText(file: MasksFile): string {
  const fields = Object.entries(file).map(([key, value]) => {
    if (key !== 'sites') return `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`;
    const lines = file.sites.map((site) => `    ${JSON.stringify(site)}`);
    return `  "sites": [\n${lines.join(',\n')}\n  ]`;
  });
  return `{\n${fields.join(',\n')}\n}\n`;
}

/** @throws MasksFileError */
export function parseMasks(text: string): ReadMasks {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw new MasksFileError(
      null,
      `This is not JSON (${(cause as Error).message}): choose the masks.json that the studio exported.`,
    );
  }
  return decodeMasks(json);
}

/**
 * Checks a masks file whole and takes it apart.
 * @throws MasksFileError with one sentence, naming the site where one is at fault.
 */
export function decodeMasks(json: unknown): ReadMasks {
  const head = checkedHead(json);
  const rawSites = (json as { sites?: unknown }).sites;
  if (!Array.isArray(rawSites)) throw new MasksFileError(null, 'sites must be a list, one entry for every gate site.');
  const { network, metrics, generator, createdAt, dataset, method, weights } = head;
  const { gates, trained } = decodeSites(network, rawSites);
  const counts = countsOf(network, gates, trained);
  // MACs follow from the network alone and are counted in more ways than one: what the file says of them is not compared.
  for (const key of ['drelus', 'multiplications'] as const) {
    if (metrics[key] !== counts.total[key])
      throw new MasksFileError(
        null,
        `metrics.${key} says ${metrics[key]}, but the sites add up to ${counts.total[key]}.`,
      );
  }
  const accuracies = {
    test: metrics.testAccuracy ?? null,
    validation: metrics.validationAccuracy ?? null,
    denseTest: metrics.denseTestAccuracy ?? null,
  };
  const about = { generator, createdAt, dataset, method, weights };
  return { about, accuracy: accuracies, network, gates, trained, counts };
}

function checkedHead(json: unknown): MasksHead {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MasksFileError(null, 'This is no masks file: it holds no JSON object.');
  const { format, version } = json as { format?: unknown; version?: unknown };
  if (format !== 'relu-studio/masks')
    throw new MasksFileError(
      null,
      `This is no masks file: its format is ${format === undefined ? 'missing' : shown(format)}, not "relu-studio/masks".`,
    );
  if (version !== 1)
    throw new MasksFileError(
      null,
      version === undefined
        ? 'version is missing: this studio reads version 1 of the masks format.'
        : `Version ${shown(version)} of the masks format is not known here: this studio reads version 1.`,
    );
  const parsed = headSchema.safeParse(json);
  if (!parsed.success) throw new MasksFileError(null, readableIssue(parsed.error, 'masks.json'));
  try {
    sitesOf(parsed.data.network);
  } catch (error) {
    throw new MasksFileError(null, `network: ${(error as Error).message}`);
  }
  const { dataset, network } = parsed.data;
  for (const key of ['mean', 'std'] as const)
    if (dataset[key].length !== network.inputShape[0])
      throw new MasksFileError(
        null,
        `dataset.${key} has ${dataset[key].length} entries, but the network's images have ${network.inputShape[0]} channels.`,
      );
  return parsed.data;
}

/** Every site of the network once, in forward order. */
function decodeSites(network: NetworkSpec, raw: unknown[]): { gates: GateMap; trained: SiteIdMap<TrainedGate> } {
  const expected = sitesOf(network);
  const known = new Set(expected.map((site) => site.id));
  const ids = raw.map((entry) =>
    typeof entry === 'object' && entry !== null ? (entry as { id?: unknown }).id : undefined,
  );
  const seen = new Set<SiteId>();
  ids.forEach((id, i) => {
    if (typeof id !== 'string') throw new MasksFileError(null, `sites[${i}]: it has no id.`);
    if (!known.has(id)) throw new MasksFileError(printable(id, 60), 'this network has no such gate site.');
    if (seen.has(id)) throw new MasksFileError(id, 'it stands in the file twice.');
    seen.add(id);
  });
  const missing = expected.find((site) => !seen.has(site.id));
  if (missing) throw new MasksFileError(missing.id, 'it is missing from the file, which must name every gate site.');
  const gates: GateMap = {};
  const trained: SiteIdMap<TrainedGate> = {};
  expected.forEach((site, i) => {
    if (ids[i] !== site.id)
      throw new MasksFileError(site.id, `sites must stand in forward order, but ${shown(ids[i])} is in its place.`);
    const decoded = decodeSite(site, raw[i], expected);
    gates[site.id] = decoded.gate;
    if (Object.keys(decoded.trained).length > 0) trained[site.id] = decoded.trained;
  });
  return { gates, trained };
}
