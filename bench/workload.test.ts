/** The benchmark's configurations and their operation counts. */
import { describe, expect, it } from 'vitest';
import { layersOf } from '../src/domain/network.ts';
import { BATCHES, CONFIGURATIONS, flopsOf, imagesOf, macsOf } from './workload.ts';

const named = (name: string) => CONFIGURATIONS.find((configuration) => configuration.name === name)!;

describe('the benchmark’s workload', () => {
  it.each([
    ['m16-b16', 35.1],
    ['m32-b16', 139.3],
    ['m64-b128', 555.5],
    ['hrn553-m16-b128', 1053.4],
  ])('%s has the MACs of the design’s table', (name, millions) => {
    // The table counts a classifier of 100 classes.
    const { network } = named(name);
    expect(macsOf({ ...network, classes: 100 }) / 1e6).toBeCloseTo(millions, 1);
  });

  it('counts 3.33 GFLOP × (m/64)² per image and step', () => {
    const perImage = flopsOf(named('m64-b128')) / 128 / 1e9;
    expect(perImage).toBeCloseTo(3.33, 2);
  });

  it('draws images of the network’s shape, every class among them, the same each time', () => {
    const configuration = named('m16-b16');
    const set = imagesOf(configuration);
    expect(set.count).toBe(BATCHES * configuration.batch);
    expect(set.images).toHaveLength(set.count * 3 * 32 * 32);
    expect(new Set(set.labels).size).toBe(10);
    expect(imagesOf(configuration)).toEqual(set);
  });

  it('runs networks with a stem gate and no other gates', () => {
    for (const { network } of CONFIGURATIONS)
      expect(layersOf(network).filter((layer) => layer.kind === 'site' && layer.gated)).toHaveLength(17);
  });
});
