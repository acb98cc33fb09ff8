/** The experiment file, read and checked. Settings that are read but no longer used are noted on standard error. */
import { readFile } from 'node:fs/promises';
import { gateMapOf } from '../domain/composition.ts';
import { GateMapError } from '../domain/errors.ts';
import { experimentSchema, notesOn, type Experiment } from '../domain/experiment.ts';
import { parseJson, readableIssue } from '../domain/readable.ts';
import { UsageError } from './errors.ts';

/** @throws UsageError naming the file and the field or gate site that is wrong. */
export async function readExperiment(path: string): Promise<Experiment> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'this is a folder' : 'it cannot be read';
    throw new UsageError(`${path}: ${why}. Check --experiment.`, { cause });
  }
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (cause) {
    throw new UsageError(
      `${path}: this is not JSON (${(cause as Error).message}). Choose an experiment file, such as one of examples/.`,
      { cause },
    );
  }
  const parsed = experimentSchema.safeParse(json);
  if (!parsed.success) throw new UsageError(`${path}: ${readableIssue(parsed.error, 'the experiment')}`);
  for (const sentence of notesOn(json)) process.stderr.write(`note: ${path}: ${sentence}\n`);
  try {
    gateMapOf(parsed.data);
  } catch (error) {
    if (!(error instanceof GateMapError)) throw error;
    throw new UsageError(`${path}: ${error.message}`, { cause: error });
  }
  return parsed.data;
}
