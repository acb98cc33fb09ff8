/** Lines of equal latency, and the families of candidate networks. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../domain/latency.ts';
import { network } from '../../domain/presets.ts';
import { familyCurves } from './families.ts';
import { fitPlane, isoLine, solve } from './isoLatency.ts';

describe('lines of equal latency', () => {
  it('recover a plane exactly', () => {
    const points = [
      [1e5, 1e8],
      [2e5, 1e9],
      [5e5, 3e8],
      [1e6, 2e9],
    ].map(([relus, macs]) => ({ relus, macs, seconds: 3 + 4e-4 * relus + 5e-7 * macs }));
    const plane = fitPlane(points)!;
    expect(plane.fixed).toBeCloseTo(3, 6);
    expect(plane.perRelu).toBeCloseTo(4e-4, 10);
    expect(plane.perMac).toBeCloseTo(5e-7, 13);
    expect(plane.error).toBeLessThan(1e-9);
  });

  it('never have a negative slope', () => {
    // Latency that falls with MACs: the best plane without a negative slope ignores them.
    const plane = fitPlane([
      { relus: 1e5, macs: 4e8, seconds: 10 },
      { relus: 1e5, macs: 1e8, seconds: 12 },
      { relus: 2e5, macs: 2e8, seconds: 22 },
      { relus: 4e5, macs: 1e8, seconds: 43 },
    ])!;
    expect(Math.min(plane.fixed, plane.perRelu, plane.perMac)).toBeGreaterThanOrEqual(0);
    expect(plane.perMac).toBe(0);
    expect(plane.error).toBeLessThan(0.15);
  });

  it('lie on the plane and inside the frame', () => {
    const plane = { fixed: 1, perRelu: 4e-4, perMac: 5e-7, error: 0 };
    const relus = { from: 1e4, to: 1e6 };
    const macs = { from: 1e7, to: 1e9 };
    const line = isoLine(plane, 200, relus, macs);
    expect(line.length).toBeGreaterThan(10);
    for (const point of line) {
      expect(plane.fixed + plane.perRelu * point.relus + plane.perMac * point.macs).toBeCloseTo(200, 6);
      expect(point.relus).toBeGreaterThanOrEqual(relus.from * 0.999);
      expect(point.macs).toBeLessThanOrEqual(macs.to * 1.001);
    }
    // More ReLUs leave room for fewer MACs.
    for (let i = 1; i < line.length; i++) expect(line[i].macs).toBeLessThanOrEqual(line[i - 1].macs);
    expect(isoLine(plane, 0.5, relus, macs)).toEqual([]);
    expect(isoLine(plane, 1e6, relus, macs)).toEqual([]);
  });

  it('fit the families of ResNet-18 within a tenth, offline and online', () => {
    const points = familyCurves(network(16), 16, [[5, 5, 3]], DEFAULT_SETTINGS).flatMap((curve) => curve.points);
    for (const key of ['offlineSeconds', 'onlineSeconds'] as const) {
      const plane = fitPlane(points.map((p) => ({ relus: p.drelus, macs: p.macs, seconds: p[key] })))!;
      expect(plane.error).toBeLessThan(0.1);
    }
  });

  it('solve small systems and detect singular ones', () => {
    expect(
      solve(
        [
          [0, 2],
          [4, 1],
        ],
        [6, 7],
      ),
    ).toEqual([1, 3]);
    expect(
      solve(
        [
          [1, 2],
          [2, 4],
        ],
        [1, 2],
      ),
    ).toBeNull();
  });
});

describe('families', () => {
  const curves = familyCurves(
    network(16, { stemGate: true, classes: 100 }),
    16,
    [
      [5, 5, 3],
      [7, 5, 2],
    ],
    DEFAULT_SETTINGS,
  );

  it('contain the published networks', () => {
    const find = (title: string) => curves.flatMap((curve) => curve.points).find((point) => point.title === title)!;
    expect(find('BaseCh, m = 64')).toMatchObject({ drelus: 557_056, widths: [64, 128, 256, 512] });
    expect(find('StageCh 4, m = 16')).toMatchObject({ drelus: 278_528, widths: [16, 64, 256, 1024] });
    expect(find('HRN 7-5-2, m = 16').drelus).toBe(411_648);
    expect(find('StageCh 4, m = 16').macs / 1e6).toBeCloseTo(659.6, 1);
  });

  it('are ordered by their ReLUs', () => {
    for (const { points } of curves)
      for (let i = 1; i < points.length; i++) expect(points[i].drelus).toBeGreaterThan(points[i - 1].drelus);
  });
});
