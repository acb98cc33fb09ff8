/** `--proportions`: what a masks file says of its layers becomes part of the experiment, or one sentence says why not. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gateMapOf } from '../domain/composition.ts';
import { encodeMasks, masksText } from '../domain/masksFile.ts';
import { methodNamed } from '../domain/methods/registry.ts';
import { sitesOf } from '../domain/network.ts';
import { network, presetOf } from '../domain/presets.ts';
import { about, accuracy } from '../domain/testing.ts';
import { withProportions } from './proportions.ts';

const folder = mkdtempSync(join(tmpdir(), 'relu-studio-proportions-'));
const spec = network(2);
const experiment = { ...presetOf('random-quick'), network: spec };
const sites = sitesOf(spec);

/** A masks file of the network whose site number i keeps its first i neurons. */
function masksFile(name: string, of = spec): string {
  const gates = gateMapOf({ network: of, methods: presetOf('snl-quick').methods });
  const trained = Object.fromEntries(
    sitesOf(of).map(({ id, shape: [c, h, w] }, i) => [
      id,
      { kept: Uint8Array.from({ length: c * h * w }, (_, n) => Number(n < i)) },
    ]),
  );
  const path = join(folder, name);
  writeFileSync(path, masksText(encodeMasks({ about, accuracy, network: of, gates, trained })));
  return path;
}

describe('proportions of a run', () => {
  it('are the DReLUs that it kept per layer, from its masks file or its folder', async () => {
    const wanted = Object.fromEntries(sites.map(({ id }, i) => [id, i]));
    const file = masksFile('masks.json');
    for (const path of [file, folder]) {
      const changed = await withProportions(experiment, path);
      expect(methodNamed(changed, 'random')?.proportions).toEqual(wanted);
      expect({ ...changed, methods: [] }).toEqual({ ...experiment, methods: [] });
    }
    expect(await withProportions(experiment, undefined)).toBe(experiment);
  });

  it.each([
    ['an experiment without random masks', presetOf('snl-quick'), masksFile('a.json'), /"random"; this one has none/],
    ['a file that is not there', experiment, join(folder, 'none.json'), /none\.json: there is no such file/],
    ['a file that is not masks', experiment, join(folder, 'b.json'), /b\.json: This is not JSON/],
    [
      'masks of another network',
      presetOf('random-quick'),
      masksFile('c.json', network(2, { blocks: [3, 2, 2, 2] })),
      /no such gate site/,
    ],
  ])('refuse %s', async (_, chosen, path, message) => {
    writeFileSync(join(folder, 'b.json'), 'not json');
    await expect(withProportions(chosen, path)).rejects.toThrow(message);
  });
});
