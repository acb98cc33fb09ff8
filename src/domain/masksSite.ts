/**
 * One site's entry in masks.json (design: formats): its schema by kind, written and read with every check that concerns it.
 */
import { z } from 'zod';
import type { Gate, ShareGate } from './gateMap.ts';
import { MasksFileError } from './masksError.ts';
import type { Site } from './network.ts';
import { fromBase64, packBits, toBase64, unpackBits } from './packbits.ts';
import { shown } from './printable.ts';
import { readableIssue } from './readable.ts';

const channel = z.int().min(0);
const bitsSchema = z.strictObject({ encoding: z.literal('base64-packbits'), data: z.string() });
const common = { id: z.string(), shape: z.tuple([channel.min(1), channel.min(1), channel.min(1)]) };

export const siteSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('relu') }),
  z.strictObject({ ...common, kind: z.literal('identity') }),
  z.strictObject({ ...common, kind: z.literal('mask'), kept: channel, mask: bitsSchema }),
  z.strictObject({
    ...common,
    kind: z.literal('share'),
    from: z.string().nullable(),
    prototypes: z.array(channel),
    source: z.array(channel),
    scale: z.array(z.number()),
    shift: z.array(z.number()),
    /** Only with `mask`, and then optional: how many of its bits are 1. */
    kept: channel.optional(),
    mask: bitsSchema.optional(),
  }),
]);

export type SiteEntry = z.infer<typeof siteSchema>;
type ShareEntry = Extract<SiteEntry, { kind: 'share' }>;

const KINDS = ['relu', 'identity', 'mask', 'share'];

/** What training left at a site. */
export interface TrainedGate {
  /** 1 = ReLU. Mask: C·H·W (or C, one per channel). Masked share: P·H·W. */
  kept?: Uint8Array;
  /** Share: C entries each; prototypes (1, 0). */
  scale?: Float32Array;
  shift?: Float32Array;
}

/** The shortest decimal that is this float32 again: 0.83, not 0.8299999833106995. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return Number(value.toPrecision(9));
}

const encodeBits = (bits: ArrayLike<number>) => ({
  encoding: 'base64-packbits' as const,
  data: toBase64(packBits(bits)),
});

const countOf = (bits: Uint8Array) => bits.reduce((sum, bit) => sum + (bit ? 1 : 0), 0);

/** One bit per neuron: as given, written out from one per channel, or all kept where nothing is known. */
function neuronBits(kept: Uint8Array | undefined, channels: number, size: number, site: Site): Uint8Array {
  if (!kept) return new Uint8Array(channels * size).fill(1);
  if (kept.length === channels * size) return kept;
  if (kept.length !== channels)
    throw new RangeError(`${site.id}: ${kept.length} mask bits, but the gate has ${channels * size}.`);
  return Uint8Array.from({ length: channels * size }, (_, i) => kept[Math.floor(i / size)]);
}

function affineOf(values: Float32Array | undefined, neutral: number, gate: ShareGate, site: Site): number[] {
  const [channels] = site.shape;
  if (values && values.length !== channels)
    throw new RangeError(`${site.id}: ${values.length} scales or shifts, but it has ${channels} channels.`);
  if (values?.some((value) => !Number.isFinite(value)))
    throw new RangeError(`${site.id}: a scale or shift is not a finite number.`);
  const own = new Set(gate.prototypes);
  const trained = gate.affine === 'trained' && values;
  return Array.from({ length: channels }, (_, c) => (trained && !own.has(c) ? shortest(values[c]) : neutral));
}

/** @throws RangeError naming the site where bits, scales or shifts have a wrong length. */
export function encodeSite(site: Site, gate: Gate, trained: TrainedGate): SiteEntry {
  const { id, shape } = site;
  const size = shape[1] * shape[2];
  if (gate.kind === 'relu' || gate.kind === 'identity') return { id, shape, kind: gate.kind };
  if (gate.kind === 'mask') {
    const bits = neuronBits(trained.kept, shape[0], size, site);
    return { id, shape, kind: 'mask', kept: countOf(bits), mask: encodeBits(bits) };
  }
  const entry: ShareEntry = {
    id,
    shape,
    kind: 'share',
    from: gate.from,
    prototypes: gate.prototypes,
    source: gate.source,
    scale: affineOf(trained.scale, 1, gate, site),
    shift: affineOf(trained.shift, 0, gate, site),
  };
  if (gate.masked) entry.mask = encodeBits(neuronBits(trained.kept, gate.prototypes.length, size, site));
  return entry;
}

function decodeBits(site: Site, data: string, count: number, told: number | undefined): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = fromBase64(data);
  } catch (error) {
    throw new MasksFileError(site.id, `its mask is not base64: ${(error as Error).message}.`);
  }
  if (bytes.length !== Math.ceil(count / 8))
    throw new MasksFileError(
      site.id,
      `its mask holds ${bytes.length} bytes, but ${count} neurons need ${Math.ceil(count / 8)}.`,
    );
  const bits = unpackBits(bytes, count);
  const kept = countOf(bits);
  if (told !== undefined && told !== kept)
    throw new MasksFileError(site.id, `kept says ${told}, but ${kept} of its mask's bits are 1.`);
  return bits;
}

function float32(site: Site, key: 'scale' | 'shift', values: number[]): Float32Array {
  const numbers = Float32Array.from(values);
  const at = numbers.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new MasksFileError(site.id, `${key}[${at}] is ${values[at]}, more than a float32 can hold.`);
  return numbers;
}

/**
 * Reads one entry. `sites`: every site of the network in forward order.
 * @throws MasksFileError naming the site.
 */
export function decodeSite(site: Site, raw: unknown, sites: Site[]): { gate: Gate; trained: TrainedGate } {
  const kind = (raw as { kind?: unknown }).kind;
  if (typeof kind !== 'string') throw new MasksFileError(site.id, 'it has no kind.');
  if (!KINDS.includes(kind))
    throw new MasksFileError(site.id, `kind ${shown(kind)} is not known here: this reader knows ${KINDS.join(', ')}.`);
  const parsed = siteSchema.safeParse(raw);
  if (!parsed.success) throw new MasksFileError(site.id, readableIssue(parsed.error, 'its entry'));
  const entry = parsed.data;
  const [channels, height, width] = site.shape;
  if (entry.shape.some((n, i) => n !== site.shape[i]))
    throw new MasksFileError(
      site.id,
      `its shape is ${entry.shape.join('×')}, but this network has ${site.shape.join('×')} there.`,
    );
  if (entry.kind === 'relu' || entry.kind === 'identity') return { gate: { kind: entry.kind }, trained: {} };
  if (entry.kind === 'mask') {
    const kept = decodeBits(site, entry.mask.data, channels * height * width, entry.kept);
    return { gate: { kind: 'mask', granularity: 'pixel' }, trained: { kept } };
  }
  checkShare(site, entry, sites);
  const scale = float32(site, 'scale', entry.scale);
  const shift = float32(site, 'shift', entry.shift);
  const fixed = scale.every((value) => value === 1) && shift.every((value) => value === 0);
  const { from, prototypes, source } = entry;
  const trained: TrainedGate = { scale, shift };
  if (entry.mask) trained.kept = decodeBits(site, entry.mask.data, prototypes.length * height * width, entry.kept);
  return {
    gate: {
      kind: 'share',
      from,
      prototypes,
      source,
      masked: entry.mask !== undefined,
      affine: fixed ? 'fixed' : 'trained',
    },
    trained,
  };
}

function checkShare(site: Site, entry: ShareEntry, sites: Site[]) {
  const [channels, height, width] = site.shape;
  const fail = (message: string): never => {
    throw new MasksFileError(site.id, message);
  };
  for (const key of ['source', 'scale', 'shift'] as const)
    if (entry[key].length !== channels)
      fail(`${key} has ${entry[key].length} entries, but it has ${channels} channels.`);
  const at = sites.findIndex((other) => other.id === site.id);
  const owner = entry.from === null ? site : sites.find((other) => other.id === entry.from);
  if (!owner) return fail(`it borrows from ${shown(entry.from)}, which is no gate site of this network.`);
  if (entry.from !== null && sites.indexOf(owner) >= at)
    fail(`it borrows from ${owner.id}, which does not come before it.`);
  if (owner.shape[1] !== height || owner.shape[2] !== width)
    fail(`it is ${height}×${width} and cannot borrow from ${owner.id}, which is ${owner.shape[1]}×${owner.shape[2]}.`);
  if (entry.from !== null && entry.prototypes.length > 0) fail('it borrows, so that it has no prototypes of its own.');
  if (entry.from !== null && entry.mask) fail('it borrows, so that it has no mask of its own.');
  if (entry.from === null && entry.prototypes.length === 0) fail('it neither borrows nor has a prototype.');

  const own = new Set(entry.prototypes);
  if (own.size !== entry.prototypes.length) fail('a prototype is listed twice.');
  const far = entry.prototypes.find((c) => c >= channels);
  if (far !== undefined) fail(`prototype ${far} is past its last channel, ${channels - 1}.`);
  entry.source.forEach((c, i) => {
    if (c >= owner.shape[0])
      fail(`channel ${i} uses the DReLU of channel ${c} of ${owner.id}, whose last is ${owner.shape[0] - 1}.`);
    if (entry.from === null && !own.has(c)) fail(`channel ${i} uses the DReLU of channel ${c}, which is no prototype.`);
  });
  for (const c of entry.prototypes)
    if (entry.source[c] !== c || entry.scale[c] !== 1 || entry.shift[c] !== 0)
      fail(`prototype ${c} must use its own DReLU with scale 1 and shift 0.`);
}
