/** Axes drawn by hand: 1-2-5 ticks on logarithmic and linear scales, and scales from values to pixels. */

export interface Scale {
  (value: number): number;
  ticks: number[];
  domain: [number, number];
}

/** 1, 2 and 5 times powers of ten within [low, high]; only powers of ten where that would be more than `most`. */
export function logTicks(low: number, high: number, most = 12): number[] {
  const ticks: number[] = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade++)
    for (const digit of [1, 2, 5]) {
      const tick = digit * 10 ** decade;
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  return ticks.length > most
    ? ticks.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e6) / 1e6))
    : ticks;
}

/** The smallest 1-2-5 interval around positive values; a decade around 10,000 where there are none. */
export function logDomain(values: number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [1e3, 1e6];
  const [least, most] = [Math.min(...positive), Math.max(...positive)];
  const around = (value: number, up: boolean) => {
    const decade = 10 ** Math.floor(Math.log10(value));
    const steps = [0.5, 1, 2, 5, 10].map((digit) => digit * decade);
    return up ? steps.find((step) => step >= value * 1.08)! : steps.findLast((step) => step <= value / 1.08)!;
  };
  return [around(least, false), around(most, true) ?? most * 2];
}

/** Multiples of a 1-2-5 step that cover [low, high] in about `count` intervals; ends are ticks. */
export function linearTicks(low: number, high: number, count = 5): number[] {
  const span = Math.max(high - low, 1e-9);
  const rough = span / count;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * decade).find((candidate) => candidate >= rough * 0.999)!;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export function logScale(domain: [number, number], range: [number, number], most?: number): Scale {
  const [low, high] = domain.map(Math.log10);
  const scale = (value: number) => {
    const share = (Math.log10(Math.max(value, domain[0])) - low) / (high - low);
    return range[0] + Math.min(1, share) * (range[1] - range[0]);
  };
  return Object.assign(scale, { ticks: logTicks(...domain, most), domain });
}

export function linearScale(ticks: number[], range: [number, number]): Scale {
  const domain: [number, number] = [ticks[0], ticks[ticks.length - 1]];
  const scale = (value: number) => range[0] + ((value - domain[0]) / (domain[1] - domain[0])) * (range[1] - range[0]);
  return Object.assign(scale, { ticks, domain });
}
