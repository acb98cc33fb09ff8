/** `relu-studio merge`: joins the folders of a sweep's shards into one. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expandSweep } from '../domain/sweepFile.ts';
import { UsageError } from './errors.ts';
import { makeFolder } from './files.ts';
import { readWords, required } from './options.ts';
import { SweepFolder } from './sweepFolder.ts';

export const MERGE_HELP = `usage: relu-studio merge DIR… --out DIR

Joins the folders of shards of one sweep (sweep --shard) into one sweep folder. A run that several hold is taken from the first that has
finished it. The folders stay as they are; --out may be one of them.
`;

interface Shard {
  folder: SweepFolder;
  held: NonNullable<Awaited<ReturnType<SweepFolder['read']>>>;
}

/** @throws UsageError where a folder is no sweep, or the sweeps differ */
export async function merge(args: readonly string[]): Promise<void> {
  const { words, values } = readWords<{ out?: string }>('merge', args, { out: { type: 'string' } });
  const out = new SweepFolder(required(values.out, '--out', 'merge'));
  if (words.length === 0) throw new UsageError('Name the folders of the shards. See "relu-studio merge --help".');
  const shards: Shard[] = [];
  for (const path of words) {
    const folder = new SweepFolder(path);
    const held = await folder.read();
    if (!held) throw new UsageError(`${path} holds no sweep: there is no sweep.json in it.`);
    if (shards.length > 0 && JSON.stringify(held) !== JSON.stringify(shards[0].held)) {
      const same = JSON.stringify([held.experiment, held.sweep]);
      if (same !== JSON.stringify([shards[0].held.experiment, shards[0].held.sweep]))
        throw new UsageError(`${path} is a shard of another sweep than ${words[0]}.`);
    }
    shards.push({ folder, held });
  }
  const { experiment, sweep } = shards[0].held;
  await out.check(experiment, sweep);
  await makeFolder(join(out.path, 'runs'));
  let joined = 0;
  const runs = await expandSweep(experiment, sweep);
  for (const run of runs) {
    for (const { folder } of shards) {
      if ((await folder.resultOf(run)) === null) continue;
      joined++;
      if (folder.path !== out.path)
        await cp(folder.run(run.key).path, out.run(run.key).path, { recursive: true, force: true });
      break;
    }
  }
  await out.write(experiment, sweep);
  const missing = runs.length - joined;
  process.stderr.write(
    `${joined} of ${runs.length} runs joined in ${out.path}${missing > 0 ? `; ${missing} not finished in any folder` : ''}.\n`,
  );
}
