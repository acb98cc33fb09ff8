/** Scales and ticks of the plots drawn as SVG, over d3-scale: linear and logarithmic, with ticks at 1, 2 and 5 times powers of ten. */
import { scaleLinear, scaleLog } from 'd3-scale';

export interface Scale {
  /** Pixel position of a value; values outside the domain are placed at its ends. */
  (value: number): number;
  ticks: number[];
  domain: [number, number];
}

type Range = [from: number, to: number];

/** True for `digit` times a power of ten. */
const isMultiple = (tick: number, digit: number): boolean =>
  Number(`${digit}e${Math.floor(Math.log10(tick / digit) + 0.5)}`) === tick;

/** 1, 2 and 5 times powers of ten within [low, high]; only the powers of ten where these would be more than `most`. */
export function logTicks(low: number, high: number, most = 12): number[] {
  // d3 gives the multiples 1 to 9 of every power of ten as long as it may have more ticks than there are powers.
  const multiples = scaleLog()
    .domain([low, high])
    .ticks(Math.ceil(Math.log10(high / low)) + 1)
    .map((tick) => Number(tick.toPrecision(12)));
  const ticks = multiples.filter((tick) => [1, 2, 5].some((digit) => isMultiple(tick, digit)));
  return ticks.length > most ? ticks.filter((tick) => isMultiple(tick, 1)) : ticks;
}

/** The narrowest interval with ends at 1, 2 or 5 times a power of ten that leaves `margin` (a factor) around positive values. */
export function logDomain(values: readonly number[], margin = 1.08): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [1e3, 1e6];
  const low = positive.reduce((a, b) => Math.min(a, b)) / margin;
  const high = positive.reduce((a, b) => Math.max(a, b)) * margin;
  const ticks = logTicks(low / 10, high * 10, Infinity);
  return [ticks.findLast((tick) => tick <= low) ?? low, ticks.find((tick) => tick >= high) ?? high];
}

/** Ticks at multiples of 1, 2 or 5 times a power of ten, about `count`, that cover [low, high]; the ends are ticks. */
export const linearTicks = (low: number, high: number, count = 5): number[] =>
  scaleLinear()
    .domain([low, Math.max(high, low + 1e-9)])
    .nice(count)
    .ticks(count);

export function logScale(domain: [number, number], range: Range, most?: number): Scale {
  const scale = scaleLog().domain(domain).range(range).clamp(true);
  // Zero and negative values are placed at the low end.
  return Object.assign((value: number) => scale(Math.max(value, domain[0])), {
    ticks: logTicks(...domain, most),
    domain,
  });
}

/** `ticks`: from linearTicks, or any rising values; the first and the last are the ends of the domain. */
export function linearScale(ticks: number[], range: Range): Scale {
  const domain: [number, number] = [ticks[0], ticks[ticks.length - 1]];
  const scale = scaleLinear().domain(domain).range(range);
  return Object.assign((value: number) => scale(value), { ticks, domain });
}
