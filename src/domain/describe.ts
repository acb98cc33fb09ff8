/**
 * Words and numbers for people, the same everywhere in the page: 49.4K, 0.56 GMAC, 73.75%, 206 s, 9.5 GB, "ResNet-18 m=64".
 * Words for methods are in describeMethods.ts.
 */
import type { DatasetChoice } from './dataset.ts';
import type { NetworkSpec, SiteId } from './network.ts';
import type { Phase } from './phase.ts';

/** Kept by digits: making a format takes longer than all else a redraw does with numbers. */
const formats = new Map<number, Intl.NumberFormat>();

function grouped(value: number, digits: number): string {
  let format = formats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: 0, maximumFractionDigits: digits });
    formats.set(digits, format);
  }
  return format.format(value);
}

/** 491520 → "491,520". */
export const exactly = (value: number): string => grouped(value, 0);

/** `value` in the smallest unit (they rise by 1000) that leaves it under 1000 once rounded to that unit's digits. */
function scaled(value: number, units: [size: number, suffix: string, digits: number][]): string {
  const rounded = units.map(([size, , digits]) => Number((value / size).toFixed(digits)));
  const fitting = rounded.findIndex((shown) => Math.abs(shown) < 1000);
  const at = fitting < 0 ? units.length - 1 : fitting;
  return `${grouped(rounded[at], units[at][2])}${units[at][1]}`;
}

/** 812, 49.4K, 491.5K, 11.17M. */
export const compact = (value: number): string =>
  scaled(value, [
    [1, '', 0],
    [1e3, 'K', 1],
    [1e6, 'M', 2],
    [1e9, 'G', 2],
  ]);

/** 0.56 GMAC; below 0.1 GMAC in MMAC. */
export const macs = (value: number): string =>
  value >= 0.0995e9
    ? `${grouped(value / 1e9, 2)} GMAC`
    : scaled(value, [
        [1, ' MAC', 0],
        [1e3, ' kMAC', 1],
        [1e6, ' MMAC', 1],
      ]);

/** Decimal units, as networks and storage are sold: 9.5 GB, 321.5 MB. */
export const bytes = (value: number): string =>
  scaled(value, [
    [1, ' B', 0],
    [1e3, ' kB', 1],
    [1e6, ' MB', 1],
    [1e9, ' GB', 1],
    [1e12, ' TB', 2],
  ]);

/** What a model predicts: 430 ms, 18.9 s, 206 s, 2,212 s. */
export function seconds(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.9995) return `${grouped(value * 1000, Math.abs(value) < 0.00995 ? 1 : 0)} ms`;
  return `${grouped(value, Math.abs(value) < 99.95 ? 1 : 0)} s`;
}

/** What a person waits: 40 s, 3 min, 1 h 20 min, 2 d 3 h. */
export function duration(value: number): string {
  const whole = Math.max(0, Math.round(value));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A share of 1: 0.7375 → "73.75%". */
export const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)}%`;

/** A share of 1 with one decimal where it has one: 0.25 → "25%". */
export const percentOf = (share: number): string => `${grouped(share * 100, 1)}%`;

/** A change in share: "+1.20%", "−0.40%", "±0%". */
export function signedPercent(share: number, digits = 1): string {
  const rounded = (Math.abs(share) * 100).toFixed(digits);
  if (Number(rounded) === 0) return '±0%';
  return `${share > 0 ? '+' : '−'}${rounded}%`;
}

/** 0.1, 0.001, 5e-4, 1e-5: as papers write rates. */
export function learningRate(value: number): string {
  if (value === 0) return '0';
  const short = Number(value.toPrecision(3));
  if (short >= 0.001 && short < 1000) return String(short);
  return short.toExponential().replace('e+', 'e');
}

const isWhole = (value: number) => Number.isInteger(value);

/** Weighted layers of a network, as its name counts them: ResNet-18, WRN-22. */
const depthOf = (spec: NetworkSpec) =>
  2 * spec.blocks.reduce((a, b) => a + b, 0) + (spec.family === 'wide-resnet' ? 4 : 2);

/** ResNet-18 m=64 · StageCh 4 m=16 · HRN 5-5-3 m=16 · WRN-22-8 · ResNet-18 10/20/45/60. */
export function networkName(spec: NetworkSpec): string {
  const [base] = spec.widths;
  const depth = depthOf(spec);
  const multipliers = spec.widths.slice(1).map((width, i) => width / spec.widths[i]);
  const widths = spec.widths.join('/');
  const doubling = multipliers.every((factor) => factor === 2);
  if (spec.family === 'wide-resnet')
    return doubling && base % 16 === 0 ? `WRN-${depth}-${base / 16}` : `WRN-${depth} ${widths}`;
  if (doubling) return `ResNet-${depth} m=${base}`;
  if (!multipliers.every(isWhole)) return `ResNet-${depth} ${widths}`;
  const deep = depth === 18 && spec.blocks.every((n) => n === 2) ? '' : ` ${spec.blocks.join('-')} blocks`;
  const equal = multipliers.every((factor) => factor === multipliers[0]);
  return equal ? `StageCh ${multipliers[0]} m=${base}${deep}` : `HRN ${multipliers.join('-')} m=${base}${deep}`;
}

const DATASETS = {
  synthetic: 'Synthetic',
  'cifar-10': 'CIFAR-10',
  'cifar-100': 'CIFAR-100',
  'tiny-imagenet': 'Tiny-ImageNet',
};

export const datasetName = (name: DatasetChoice['name']): string => DATASETS[name];

/** "CIFAR-10", "Synthetic · 4,000 images". */
export const describeDataset = ({ name, trainImages }: DatasetChoice): string =>
  trainImages === null ? DATASETS[name] : `${DATASETS[name]} · ${exactly(trainImages)} images`;

/** A ratio as people say it: 1/8, else 0.3. */
export function compactRatio(value: number): string {
  const inverse = 1 / value;
  return Math.abs(inverse - Math.round(inverse)) < 1e-6
    ? Math.round(inverse) === 1
      ? 'all'
      : `1/${Math.round(inverse)}`
    : grouped(value, 3);
}

/** "160 epochs · batch 256 · SGD 0.1 · ×0.1 at 80, 120". */
export function describePhase(phase: Phase): string {
  const { schedule, optimizer } = phase;
  const rate = `${optimizer.kind === 'sgd' ? 'SGD' : 'Adam'} ${learningRate(optimizer.learningRate)}`;
  const course =
    schedule.kind === 'cosine'
      ? ' · cosine'
      : schedule.kind === 'step' && schedule.milestones.length > 0
        ? ` · ×${learningRate(schedule.factor)} at ${schedule.milestones.join(', ')}`
        : '';
  return `${exactly(phase.epochs)} ${phase.epochs === 1 ? 'epoch' : 'epochs'} · batch ${exactly(phase.batch)} · ${rate}${course}`;
}

/** "Stem", "Stage 3". */
export const stageName = (stage: number): string => (stage === 0 ? 'Stem' : `Stage ${stage}`);

/** "Stem", "Stage 2, block 1, gate 2", "Final": a site id in words, blocks counted from 1. */
export function siteName(id: SiteId): string {
  const parts = /^layer(\d+)\.(\d+)\.gate(\d)$/.exec(id);
  if (!parts) return id.charAt(0).toUpperCase() + id.slice(1);
  return `Stage ${parts[1]}, block ${Number(parts[2]) + 1}, gate ${parts[3]}`;
}
