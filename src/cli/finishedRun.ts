/** Reads a finished run: masks.json and the weights file that it names, in the same folder. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MasksFileError, parseMasks } from '../domain/masksFile.ts';
import { WeightsError } from '../engine/weights.ts';
import { CheckpointError } from '../training/errors.ts';
import { MASKS_FILE } from '../training/exportMasks.ts';
import { importMasks, type ImportedRun } from '../training/importMasks.ts';
import { fileSentence } from './files.ts';

async function masksPath(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new CheckpointError(fileSentence(cause, path) ?? `${path}: it cannot be read.`, { cause });
  });
  return found.isDirectory() ? join(path, MASKS_FILE) : path;
}

async function masksText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CheckpointError(
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? `${file} is not there: the run has not finished, or this is not a run folder.`
        : (fileSentence(cause, file) ?? `${file}: it cannot be read.`),
      { cause },
    );
  }
}

/** Puts the path of the file before the error's message. */
function inFile(file: string, error: unknown): unknown {
  const named = error instanceof MasksFileError || error instanceof WeightsError;
  return named ? new CheckpointError(`${file}: ${error.message}`, { cause: error }) : error;
}

/**
 * @param path a run's folder, or a masks file
 * @throws CheckpointError naming the file and, within it, the site or tensor that is invalid
 */
export async function readFinishedRun(path: string): Promise<{ run: ImportedRun; file: string }> {
  const file = await masksPath(path);
  const text = await masksText(file);
  let name: string;
  try {
    name = parseMasks(text).about.weights.file;
  } catch (error) {
    throw inFile(file, error);
  }
  if (/[/\\]/.test(name))
    throw new CheckpointError(`${file}: weights.file must be the name of a file beside it, not "${name}".`);
  const weightsFile = join(dirname(file), name);
  let weights: Uint8Array<ArrayBuffer>;
  try {
    weights = new Uint8Array(await readFile(weightsFile));
  } catch (cause) {
    throw new CheckpointError(`${weightsFile}, the weights that ${file} names, cannot be read. Put the file there.`, {
      cause,
    });
  }
  try {
    return { run: await importMasks(text, weights), file };
  } catch (error) {
    throw inFile(error instanceof WeightsError ? weightsFile : file, error);
  }
}
