/** `relu-studio import`: trained weights of another program, as the folder of a finished run. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetSchema } from '../domain/dataset.ts';
import { masksText, parseMasks, type MasksFile } from '../domain/masksFile.ts';
import type { NetworkSpec } from '../domain/network.ts';
import type { Difference } from '../domain/recogniseNetwork.ts';
import {
  dataSetFor,
  examineWeights,
  importWeights,
  normalisationOf,
  readForeignWeights,
  type DataSetName,
} from '../training/importWeights.ts';
import { WeightsError } from '../engine/weights.ts';
import { CheckpointError } from '../training/errors.ts';
import { WEIGHTS_FILE } from '../training/exportMasks.ts';
import { readRunArchive } from '../training/exports/runArchive.ts';
import { importMasks } from '../training/importMasks.ts';
import { UsageError } from './errors.ts';
import { fileSentence } from './files.ts';
import { readOptions, required, wholeNumber } from './options.ts';
import { RunFolder } from './runFolder.ts';
import { table } from './table.ts';

export const IMPORT_HELP = `usage: relu-studio import --weights FILE [--masks FILE] --out DIR [--json]

Reads trained weights: safetensors, or a PyTorch checkpoint (.pt, .pth, .pth.tar; a state dict, or a dict with one under state_dict,
net or model). Names of torchvision, pytorch-cifar (shortcut, linear) and SNL (its masks too) are known. Nothing in the file is run.
DIR is then the folder of a finished run, for eval, export and train --from.

  --weights FILE      the weights; or a .relu-studio.zip: the run that it holds
  --masks FILE        a masks.json: its network and gates instead of those recognised from the weights
  --out DIR           gets masks.json, model.safetensors, run.json
  --stem-gate yes|no  a ReLU after the stem (unless masks tell: yes, as torchvision and pytorch-cifar have it)
  --size N            side of the images (unless masks tell: 32; 64 with 200 classes)
  --dataset NAME      cifar-10, cifar-100 or tiny-imagenet (the one with that many classes)
  --mean A,B,C        of the pixels scaled to 0 … 1, per channel (that of the data set)
  --std A,B,C         likewise
  --json              network, assumptions and differences as one JSON object on standard output
`;

interface ImportOptions extends Record<string, string | boolean | undefined> {
  weights?: string;
  masks?: string;
  out?: string;
  'stem-gate'?: string;
  size?: string;
  dataset?: string;
  mean?: string;
  std?: string;
  json?: boolean;
}

async function bytesOf(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new CheckpointError(fileSentence(cause, path) ?? `${path}: it cannot be read.`, { cause });
  }
}

function perChannel(text: string, option: string, channels: number, positive: boolean): number[] {
  const numbers = text.split(/[,\s]+/).map(Number);
  if (
    text.trim() === '' ||
    numbers.length !== channels ||
    !numbers.every((n) => Number.isFinite(n) && (!positive || n > 0))
  )
    throw new UsageError(
      `${option} takes ${channels} ${positive ? 'positive ' : ''}numbers, one per channel, not "${text}".`,
    );
  return numbers;
}

/** What the options say in place of what was assumed. */
function withOptions(network: NetworkSpec, options: ImportOptions): NetworkSpec {
  const gate = options['stem-gate'];
  if (gate !== undefined && gate !== 'yes' && gate !== 'no')
    throw new UsageError(`--stem-gate is yes or no, not "${gate}".`);
  if (gate !== undefined && network.family === 'wide-resnet')
    throw new UsageError('--stem-gate: a wide ResNet has no gate after its stem.');
  const side = options.size === undefined ? null : wholeNumber(options.size, '--size', 1, 512);
  return {
    ...network,
    stemGate: gate === undefined ? network.stemGate : gate === 'yes',
    inputShape: side === null ? network.inputShape : [network.inputShape[0], side, side],
  };
}

function differenceTable(differences: Difference[]): string {
  const shape = (value: number[] | null) => (value ? `[${value.join(', ')}]` : 'none');
  return table([
    ['parameter', 'expected', 'found'],
    ...differences.map(({ name, expected, found }) => [name, shape(expected), shape(found)]),
  ]);
}

/** A run that was exported as one file, as the folder that it was. */
async function unpackRun(bytes: Uint8Array, file: string, folder: RunFolder): Promise<void> {
  const run = await readRunArchive(bytes, basename(file));
  const { masks, sameWeights } = await importMasks(run.masks, new Uint8Array(run.weights));
  if (!sameWeights) throw new WeightsError(`${file}: its weights are not those that its masks.json names.`);
  const named = { ...(JSON.parse(run.masks) as MasksFile), weights: { ...masks.about.weights, file: WEIGHTS_FILE } };
  await folder.create();
  await folder.finish({ masks: masksText(named), weights: new Uint8Array(run.weights) });
  const { experiment, createdAt, finishedAt, seconds, history } = run;
  await folder.writeRun({
    format: 'relu-studio/run',
    version: 1,
    experiment,
    status: 'done',
    createdAt,
    finishedAt,
    seconds,
    data: { train: 0, validation: 0, test: 0, sha256: '' },
    from: null,
    phases: history.phases,
    switches: history.switches,
    warnings: history.warnings,
  });
  await folder.restartMetrics(history.epochs);
  process.stderr.write(`${folder.path}: the run "${run.name}".\n`);
}

export async function importCommand(args: readonly string[]): Promise<void> {
  const options = readOptions<ImportOptions>('import', args, {
    weights: { type: 'string' },
    masks: { type: 'string' },
    out: { type: 'string' },
    'stem-gate': { type: 'string' },
    size: { type: 'string' },
    dataset: { type: 'string' },
    mean: { type: 'string' },
    std: { type: 'string' },
    json: { type: 'boolean' },
  });
  const file = required(options.weights, '--weights', 'import');
  const folder = new RunFolder(required(options.out, '--out', 'import'));
  if (await folder.holdsRun())
    throw new CheckpointError(`${folder.path} holds a run already: choose another folder for --out.`);
  const masks = options.masks === undefined ? undefined : new TextDecoder().decode(await bytesOf(options.masks));
  const given = masks === undefined ? undefined : parseMasks(masks);
  if (given)
    for (const option of ['stem-gate', 'size', 'mean', 'std'])
      if (options[option] !== undefined) throw new UsageError(`--${option} and --masks: masks.json tells it already.`);
  const bytes = await bytesOf(file);
  if (/\.relu-studio[^.]*\.zip$/i.test(file)) {
    await unpackRun(bytes, file, folder);
    return;
  }
  const tensors = await readForeignWeights(bytes, basename(file));
  const recognised = examineWeights(tensors, given?.network).network;
  const network = withOptions(recognised, options);
  const { differences, refused, assumptions } = examineWeights(tensors, given?.network);
  if (refused) {
    process.stderr.write(`${differenceTable(differences)}\n`);
    throw new WeightsError(
      `${file}: ${differences.length} parameters differ from the network that the names and shapes suggest.`,
    );
  }
  const chosen = options.dataset ?? given?.about.dataset.name;
  const dataset: DataSetName = datasetSchema.shape.name.safeParse(chosen).data ?? dataSetFor(network.classes);
  if (options.dataset !== undefined && dataset !== options.dataset)
    throw new UsageError(`--dataset is cifar-10, cifar-100, tiny-imagenet or synthetic, not "${options.dataset}".`);
  const usual = normalisationOf(dataset, network.inputShape[0]);
  const channels = network.inputShape[0];
  const mean = options.mean === undefined ? usual.mean : perChannel(options.mean, '--mean', channels, false);
  const std = options.std === undefined ? usual.std : perChannel(options.std, '--std', channels, true);

  const imported = await importWeights({ tensors, file, network, dataset, mean, std, masks });
  await folder.create();
  await folder.finish(imported.files);
  const now = new Date().toISOString();
  await folder.writeRun({
    format: 'relu-studio/run',
    version: 1,
    experiment: imported.experiment,
    status: 'done',
    createdAt: now,
    finishedAt: now,
    data: { train: 0, validation: 0, test: 0, sha256: '' },
    from: null,
    imported: basename(file),
  });
  await folder.restartMetrics([]);

  const { metrics } = JSON.parse(imported.files.masks) as { metrics: { drelus: number } };
  const decided = { stemGate: options['stem-gate'], inputSize: options.size };
  const told = assumptions.filter(({ about }) => decided[about] === undefined).map(({ sentence }) => sentence);
  for (const sentence of [...told, ...imported.notes]) process.stderr.write(`note: ${sentence}\n`);
  for (const { name } of differences)
    process.stderr.write(`note: ${name} is not part of the network and was left out.\n`);
  const { blocks, widths, classes, family } = network;
  const report = {
    network,
    dataset: { name: dataset, mean, std },
    assumptions: told,
    notes: imported.notes,
    differences,
    drelus: metrics.drelus,
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(report, null, 2)}\n`
      : `${folder.path}: ${family}, blocks ${blocks.join('-')}, widths ${widths.join('-')}, ${classes} classes, ${metrics.drelus.toLocaleString('en')} DReLUs.\n`,
  );
}
