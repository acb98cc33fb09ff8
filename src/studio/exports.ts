/** Exports the two files of a run: masks.json and model.safetensors. */
import { fileStem } from './experimentFile.ts';
import { download } from './files.ts';
import { tellError } from './notify.ts';
import { ask } from './link.ts';
import type { RunSummary } from '../worker/protocol.ts';

export async function exportMasks(run: Pick<RunSummary, 'id' | 'name'>): Promise<void> {
  try {
    const { masks, weights } = await ask({ type: 'masks:export', run: run.id });
    const stem = fileStem(run.name);
    download(`${stem}.masks.json`, masks, 'application/json');
    // The name that masks.json refers to.
    download(weightsName(masks), weights as Uint8Array<ArrayBuffer>, 'application/octet-stream');
  } catch (error) {
    tellError('The masks could not be exported', error);
  }
}

function weightsName(masks: string): string {
  const file = (JSON.parse(masks) as { weights?: { file?: unknown } }).weights?.file;
  return typeof file === 'string' ? file : 'model.safetensors';
}
