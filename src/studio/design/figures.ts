/** Numbers as the Design tab writes them: few digits, units, tabular. Hover text gives the exact value. */

const digits = (value: number, significant = 3) => Number(value.toPrecision(significant)).toString();

/** 512 · 65.5K · 1.36M · 0.56G: three significant digits. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 999.5e6) return `${(value / 1e9).toFixed(size >= 99.95e9 ? 0 : 2)}G`;
  if (size >= 999.5e3) return `${digits(value / 1e6)}M`;
  if (size >= 999.5) return `${digits(value / 1e3)}K`;
  return digits(value);
}

/** 555,468,800. */
export const exact = (value: number): string => Math.round(value).toLocaleString('en-US');

export function percent(share: number): string {
  const value = share * 100;
  return `${value >= 99.95 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
}
