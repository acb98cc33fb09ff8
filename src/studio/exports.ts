/** Exports a run's files. They are named after the run, so that the files of two runs do not collide. */
import type { ExportFormat } from '../domain/exportFormats.ts';
import { fileStem } from './experimentFile.ts';
import { download } from './files.ts';
import { tellError } from './notify.ts';
import { ask } from './link.ts';
import type { RunSummary } from '../worker/protocol.ts';

type NamedRun = Pick<RunSummary, 'id' | 'name'>;

/** Runs may have one name: a part of the id keeps them apart. */
const stemOf = ({ id, name }: NamedRun): string => `${fileStem(name)}-${id.slice(-4)}`;

/** masks.json, and the weights that it refers to by their name. */
export async function exportMasks(run: NamedRun): Promise<void> {
  try {
    const stem = stemOf(run);
    const weightsFile = `${stem}.safetensors`;
    const { masks, weights } = await ask({ type: 'masks:export', run: run.id, weightsFile });
    download(`${stem}.masks.json`, masks, 'application/json');
    download(weightsFile, weights as Uint8Array<ArrayBuffer>, 'application/octet-stream');
  } catch (error) {
    tellError('The masks could not be exported', error);
  }
}

/** The run as one file that another program reads. */
export async function exportRun(run: NamedRun, { name, title, ending }: ExportFormat): Promise<void> {
  try {
    const bytes = await ask({ type: 'run:export', run: run.id, format: name });
    download(`${stemOf(run)}${ending}`, bytes as Uint8Array<ArrayBuffer>, 'application/octet-stream');
  } catch (error) {
    tellError(`The run could not be exported (${title})`, error);
  }
}
