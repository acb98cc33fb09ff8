/**
 * A run as one file, NAME.relu-studio.zip: everything that makes it the run again elsewhere.
 *
 *   masks.json, model.safetensors   the product
 *   experiment.json                 what decided it
 *   run.json                        name, dates, seconds
 *   history.json                    what it told while it trained: phases, steps, epochs, transitions, warnings
 *   metrics.jsonl                   its epochs, a line each
 *   relu_studio.py, README.md       the PyTorch loader, and how to use it
 */
import { z } from 'zod';
import loader from '../../../python/relu_studio.py?raw';
import { ZipArchive } from '../../data/zip.ts';
import { DataError } from '../../data/types.ts';
import { experimentSchema, type Experiment } from '../../domain/experiment.ts';
import { parseMasks } from '../../domain/masksFile.ts';
import { parseJson, readableIssue } from '../../domain/readable.ts';
import type { History } from '../state.ts';
import { zipped } from './zipped.ts';

const MEGABYTE = 1 << 20;

const runSchema = z.object({
  format: z.literal('relu-studio/run'),
  version: z.literal(1),
  name: z.string().min(1).max(200),
  createdAt: z.string().max(64),
  finishedAt: z.string().max(64).nullable(),
  seconds: z.number().min(0),
});

/** Records are written by this program; only their frame and the numbers that charts cannot do without are checked. */
const records = z.array(z.looseObject({})).max(100_000);
const historySchema = z.object({
  phases: z.array(z.looseObject({ id: z.string(), title: z.string() })).max(1000),
  steps: z.array(z.looseObject({ step: z.number() })).max(100_000),
  epochs: z.array(z.looseObject({ step: z.number() })).max(100_000),
  switches: records,
  warnings: z.array(z.string().max(2000)).max(1000),
});

export interface ArchivedRun {
  name: string;
  /** ISO times. */
  createdAt: string;
  finishedAt: string | null;
  /** Of training. */
  seconds: number;
  masks: string;
  weights: Uint8Array;
  experiment: Experiment;
  history: History;
}

const readme = (name: string, weights: string): string => `# ${name}

A network trained with ReLU Studio. Drop the archive on the studio's page, and it is the run again.

- \`masks.json\`: the gates (which neurons keep their ReLU, which share one), every setting and the accuracies reached
- \`${weights}\`: the weights, with torchvision's names
- \`experiment.json\`: what decided the run; \`relu-studio train --experiment experiment.json\` trains it again
- \`metrics.jsonl\`, \`history.json\`, \`run.json\`: what it told while it trained

In PyTorch, next to the unpacked files or with the path of the archive:

\`\`\`python
import relu_studio
model = relu_studio.load(".")
logits = model(relu_studio.normalise(model, pixels))  # uint8, N x C x H x W
print(sum(gate["drelus"] for gate in relu_studio.gates(model)))
\`\`\`
`;

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The bytes of the archive. The same run gives the same bytes. */
export function archiveRun(run: ArchivedRun): Promise<Uint8Array<ArrayBuffer>> {
  const { name, createdAt, finishedAt, seconds, masks, weights, experiment, history } = run;
  const { file } = parseMasks(masks).about.weights;
  return zipped([
    ['README.md', readme(name, file)],
    ['masks.json', masks],
    [file, weights],
    ['experiment.json', json(experiment)],
    ['run.json', json({ format: 'relu-studio/run', version: 1, name, createdAt, finishedAt, seconds })],
    ['history.json', JSON.stringify(history)],
    ['metrics.jsonl', history.epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join('')],
    ['relu_studio.py', loader],
  ]);
}

/** Whether a zip archive is a run, by the names in it. */
export const isRunArchive = (archive: ZipArchive): boolean => archive.has('masks.json') && archive.has('run.json');

/**
 * @throws DataError with one sentence that names the file, MasksFileError naming the site
 */
export async function readRunArchive(bytes: Uint8Array, file: string): Promise<ArchivedRun> {
  const archive = await ZipArchive.open(bytes, file);
  if (!isRunArchive(archive))
    throw new DataError(file, 'this zip archive is no run of ReLU Studio: it has no masks.json and run.json.');
  /** `value` as it was written, `parsed` with defaults and nothing that the schema does not know. */
  const read = async <T>(name: string, schema: z.ZodType<T>, most: number): Promise<{ value: unknown; parsed: T }> => {
    let value: unknown;
    try {
      value = parseJson(new TextDecoder().decode(await archive.read(name, most)));
    } catch (error) {
      if (error instanceof SyntaxError) throw new DataError(file, `${name} is not JSON (${error.message}).`);
      throw error;
    }
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new DataError(file, readableIssue(parsed.error, name));
    return { value, parsed: parsed.data };
  };
  const { name, createdAt, finishedAt, seconds } = (await read('run.json', runSchema, MEGABYTE)).parsed;
  const experiment = (await read('experiment.json', experimentSchema, MEGABYTE)).parsed;
  // The records keep all that they have, in its order.
  const history = (await read('history.json', historySchema, 256 * MEGABYTE)).value as History;
  const masks = new TextDecoder().decode(await archive.read('masks.json', 256 * MEGABYTE));
  const weights = await archive.read(parseMasks(masks).about.weights.file, 1024 * MEGABYTE);
  return { name, createdAt, finishedAt, seconds, masks, weights, experiment, history };
}
