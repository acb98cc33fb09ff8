/** Numbers with units, formatted by domain/describe, with the exact value as a tooltip. */
import { compact, exactly, macs, bytes, percent, seconds } from '../../domain/describe.ts';

const FORMATS = {
  drelus: { text: (value: number) => compact(value), exact: (value: number) => `${exactly(value)} DReLUs` },
  count: { text: (value: number) => compact(value), exact: (value: number) => exactly(value) },
  macs: { text: (value: number) => macs(value), exact: (value: number) => `${exactly(value)} multiply-accumulates` },
  bytes: { text: (value: number) => bytes(value), exact: (value: number) => `${exactly(value)} bytes` },
  seconds: { text: (value: number) => seconds(value), exact: (value: number) => `${exactly(value * 1000)} ms` },
  /** A share of 1. */
  percent: { text: (value: number) => percent(value), exact: (value: number) => percent(value, 4) },
};

export type QuantityKind = keyof typeof FORMATS;

export function Quantity({ value, as }: { value: number; as: QuantityKind }) {
  return <span title={FORMATS[as].exact(value)}>{FORMATS[as].text(value)}</span>;
}

/** The change against the number of the dense network: "−75%", "+12%", "same". */
export function changeText(value: number, against: number): string {
  if (against === 0 || value === against) return 'same';
  const change = value / against - 1;
  const shown = Math.abs(change) < 0.0995 ? Math.abs(change * 100).toFixed(1) : Math.abs(change * 100).toFixed(0);
  if (Number(shown) === 0) return 'same';
  return `${change < 0 ? '−' : '+'}${shown}%`;
}
