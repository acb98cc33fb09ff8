/** Formats the constants of the latency model. */
import type { Constant } from '../../domain/latencyConstants.ts';

/** 1.037e-4 s → 103.7 µs; everything else with at most four significant digits. */
export function constantText({ value, unit }: Pick<Constant, 'value' | 'unit'>): string {
  if (unit === 's' && value < 1e-3) return `${Number((value * 1e6).toPrecision(4))} µs`;
  if (unit === 's' && value < 0.1) return `${Number((value * 1e3).toPrecision(4))} ms`;
  if (unit === 'B' && value >= 1e6) return `${Number((value / 1e6).toPrecision(4))} MB`;
  if (unit === 'B' && value >= 1e5) return `${Number((value / 1e3).toPrecision(4))} kB`;
  if (unit === '×' && value < 0.1) return `1/${Math.round(1 / value)}`;
  const digits =
    Math.abs(value) < 1e-3
      ? value.toExponential(2).replace('e-0', 'e-')
      : Number(value.toPrecision(5)).toLocaleString('en-US', { maximumFractionDigits: 6 });
  return unit === '×' ? `×${digits}` : unit ? `${digits} ${unit}` : digits;
}
