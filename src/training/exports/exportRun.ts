/** A finished run in any of the forms that other programs read (domain: exportFormats). */
import type { ExportFormat } from '../../domain/exportFormats.ts';
import { gateListOf } from '../../domain/gateList.ts';
import { sitesCsv, sitesLatex, sitesMarkdown } from '../../domain/gateTables.ts';
import { importMasks } from '../importMasks.ts';
import { masksNpz } from './npz.ts';
import { onnxModel } from './onnx.ts';
import { archiveRun, type ArchivedRun } from './runArchive.ts';

const utf8 = new TextEncoder();

/**
 * The bytes of the file.
 * @throws MasksFileError naming the site, WeightsError naming the tensor
 */
export async function exportRun(run: ArchivedRun, format: ExportFormat['name']): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'zip') return archiveRun(run);
  const read = await importMasks(run.masks, new Uint8Array(run.weights));
  switch (format) {
    case 'onnx':
      return onnxModel(read);
    case 'npz':
      return masksNpz(read.masks);
    case 'csv':
      return utf8.encode(sitesCsv(read.masks));
    case 'markdown':
      return utf8.encode(sitesMarkdown(read.masks));
    case 'latex':
      return utf8.encode(sitesLatex(read.masks));
    case 'gates':
      return utf8.encode(`${JSON.stringify(gateListOf(read.masks, read.masks.about))}\n`);
  }
}
