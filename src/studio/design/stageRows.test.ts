/** Channels, resolution and shares of the stages. */
import { describe, expect, it } from 'vitest';
import type { NetworkSpec } from '../../domain/network.ts';
import { stageTable } from './stageRows.ts';

const resnet18: NetworkSpec = {
  family: 'cifar-resnet',
  blocks: [2, 2, 2, 2],
  widths: [16, 80, 400, 1200],
  stemGate: true,
  inputShape: [3, 32, 32],
  classes: 100,
};

describe('the rows of the stage drawing', () => {
  it('have the published counts of HybReNet 5-5-3 (design: algorithms §1)', () => {
    const table = stageTable(resnet18);
    expect(table.rows.map((row) => row.relus)).toEqual([16_384, 65_536, 81_920, 102_400, 76_800]);
    expect(table.relus).toBe(343_040);
    expect(table.macs / 1e6).toBeCloseTo(1053.4, 1);
    expect(table.rows.map(({ channels, height, width }) => [channels, height, width])).toEqual([
      [16, 32, 32],
      [16, 32, 32],
      [80, 16, 16],
      [400, 8, 8],
      [1200, 4, 4],
    ]);
  });

  it('have shares that add up to one', () => {
    for (const spec of [
      resnet18,
      { ...resnet18, stemGate: false },
      { ...resnet18, family: 'wide-resnet' as const, blocks: [3, 3, 3], widths: [32, 64, 128] },
    ]) {
      const { rows } = stageTable(spec);
      expect(rows.reduce((sum, row) => sum + row.reluShare, 0)).toBeCloseTo(1, 12);
      expect(rows.reduce((sum, row) => sum + row.macShare, 0)).toBeCloseTo(1, 12);
    }
  });

  it('round odd sizes up, as PyTorch does', () => {
    expect(stageTable({ ...resnet18, inputShape: [3, 33, 17] }).rows.map((row) => [row.height, row.width])).toEqual([
      [33, 17],
      [33, 17],
      [17, 9],
      [9, 5],
      [5, 3],
    ]);
  });
});
