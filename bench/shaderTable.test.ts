/** What the plan of a step on a GPU promises: few dispatches, filled cards, one source for each kernel key, the same plan again. */
import { describe, expect, it } from 'vitest';
import { asText, tableOf } from './shaderTable.ts';
import { CONFIGURATIONS, flopsOf } from './workload.ts';

const planOf = (name: string) => {
  const configuration = CONFIGURATIONS.find((candidate) => candidate.name === name)!;
  const { network, batch } = configuration;
  return { ...tableOf(name, { network, gates: {}, batch }), configuration };
};

describe.each(['m64-b128', 'hrn553-m16-b128'])('the plan of %s on a GPU', (name) => {
  const { table, specs, configuration } = planOf(name);

  it('takes at most 200 dispatches', () => {
    expect(table.dispatches).toBeLessThanOrEqual(200);
    expect(table.rows.reduce((sum, { count }) => sum + count, 0)).toBe(table.dispatches);
  });

  it('counts the multiply-adds of every convolution once forward and, but for the images, twice backward', () => {
    const expected = flopsOf(configuration) / 1e9;
    expect(table.gflop).toBeLessThanOrEqual(expected);
    expect(table.gflop).toBeGreaterThan(0.99 * expected);
  });

  it('leaves no convolution less than half of a card of 132 multiprocessors', () => {
    const convolutions = table.rows.filter(({ mmac }) => mmac > 0);
    expect(convolutions.length).toBeGreaterThan(20);
    expect(convolutions.filter(({ fill }) => fill < 0.5)).toEqual([]);
  });

  it('has one source for each kernel key, and is the same when it is made again', () => {
    const sources = new Map<string, string>();
    for (const { kernel } of specs) {
      expect(sources.get(kernel.key) ?? kernel.code).toBe(kernel.code);
      sources.set(kernel.key, kernel.code);
    }
    expect(planOf(name).specs.map(({ kernel, grid }) => [kernel.key, grid])).toEqual(
      specs.map(({ kernel, grid }) => [kernel.key, grid]),
    );
  });

  it('moves at least the weights, gradients and momenta of the optimizer, and says so in its text', () => {
    const optimizer = table.rows.filter(({ kernel }) => kernel === 'optimizer');
    const bytes = optimizer.reduce((sum, { count, read, written }) => sum + count * (read + written), 0);
    expect(table.gigabytes * 1e9).toBeGreaterThan(bytes);
    expect(bytes).toBeGreaterThan(0);
    expect(asText(table)).toContain(`${table.dispatches} dispatches`);
  });
});
