/** `relu-studio export`: a finished run, in the form that another program reads. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { experimentSchema } from '../domain/experiment.ts';
import { EXPORT_FORMATS } from '../domain/exportFormats.ts';
import { exportRun } from '../training/exports/exportRun.ts';
import type { ArchivedRun } from '../training/exports/runArchive.ts';
import { dataSetFor, experimentFor } from '../training/importWeights.ts';
import { UsageError } from './errors.ts';
import { makeFolder, writeWhole } from './files.ts';
import { readFinishedRun } from './finishedRun.ts';
import { readOptions, required } from './options.ts';
import { RunFolder } from './runFolder.ts';

const NAMES = EXPORT_FORMATS.map(({ name }) => name);

export const EXPORT_HELP = `usage: relu-studio export --run DIR --format ${NAMES.join('|')} --out FILE

Writes a finished run in a form that other programs read. No GPU needed.

  --run DIR      the run's folder, or the path of a masks.json with its weights beside it
  --format NAME  ${EXPORT_FORMATS.map(({ name, hint }) => `${name.padEnd(9)} ${hint}`).join('\n                 ')}
  --out FILE     the file
`;

export async function exportCommand(args: readonly string[]): Promise<void> {
  const options = readOptions<{ run?: string; format?: string; out?: string }>('export', args, {
    run: { type: 'string' },
    format: { type: 'string' },
    out: { type: 'string' },
  });
  const path = required(options.run, '--run', 'export');
  const wanted = required(options.format, '--format', 'export');
  const out = required(options.out, '--out', 'export');
  const format = NAMES.find((name) => name === wanted);
  if (!format) throw new UsageError(`--format is ${NAMES.join(', ')}, not "${wanted}".`);
  const { run, file } = await readFinishedRun(path);
  const folder = dirname(file);
  const { about, network } = run.masks;
  const carried = experimentSchema.safeParse(about.method.experiment);
  const name = basename(resolve(folder));
  const record = await new RunFolder(folder).record();
  const finishedAt = record.finishedAt ?? about.createdAt;
  const archived: ArchivedRun = {
    name: carried.success ? carried.data.name : name,
    createdAt: record.createdAt ?? about.createdAt,
    finishedAt,
    seconds: record.seconds,
    masks: await readFile(file, 'utf8'),
    weights: await readFile(join(folder, about.weights.file)),
    experiment: carried.success ? carried.data : experimentFor(network, dataSetFor(network.classes), name),
    history: record.history,
  };
  const bytes = await exportRun(archived, format);
  await makeFolder(dirname(resolve(out)));
  await writeWhole(out, bytes);
  process.stderr.write(`${out}: ${bytes.length.toLocaleString('en')} bytes.\n`);
}
