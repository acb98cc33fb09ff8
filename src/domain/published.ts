/**
 * Published results to plot beside one's own: a table (public/published-pareto.csv) of method, network, data set, ReLUs in
 * thousands, test accuracy in percent, where it was read, how sure, and a note. Nothing in it is ours.
 */
import type { DatasetChoice } from './dataset.ts';
import { shown } from './printable.ts';
import type { ParetoPoint } from './pareto.ts';

export interface PublishedPoint extends ParetoPoint {
  method: string;
  network: string;
  dataset: DatasetChoice['name'];
  /** Distinct DReLUs (the papers' ReLU count). */
  drelus: number;
  /** Test accuracy, 0 to 1. */
  accuracy: number;
  /** Where it was read. */
  source: string;
  confidence: string;
  note: string;
}

/** A line of the table that cannot be read. */
export class PublishedError extends Error {
  override readonly name = 'PublishedError';
}

const COLUMNS = [
  'method',
  'network',
  'dataset',
  'relus_thousands',
  'test_accuracy_percent',
  'source',
  'confidence',
  'note',
];

const DATASETS: Record<string, DatasetChoice['name']> = {
  cifar10: 'cifar-10',
  cifar100: 'cifar-100',
  tinyimagenet: 'tiny-imagenet',
};

/** Rows of fields: commas separate, double quotes enclose fields and are doubled inside them (RFC 4180). */
export function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endRow = () => {
    row.push(field);
    field = '';
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === ',') {
      row.push(field);
      field = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r') field += char;
  }
  endRow();
  return rows;
}

/** @throws PublishedError naming the line. */
export function parsePublished(csv: string): PublishedPoint[] {
  const [header, ...rows] = csvRows(csv);
  if (!header || COLUMNS.some((column, i) => header[i] !== column))
    throw new PublishedError(`The table of published results must begin with the columns ${COLUMNS.join(', ')}.`);
  return rows.map((row, i) => {
    const fail = (what: string): never => {
      throw new PublishedError(`Published results, entry ${i + 1}: ${what}.`);
    };
    if (row.length !== COLUMNS.length) return fail(`it has ${row.length} fields, not ${COLUMNS.length}`);
    const [method, network, dataset, thousands, percent, source, confidence, note] = row;
    const known = DATASETS[dataset] ?? fail(`data set ${shown(dataset)} is not known`);
    const [relus, accuracy] = [Number(thousands), Number(percent)];
    if (thousands === '' || !(relus >= 0)) return fail(`${shown(thousands)} is no count of ReLUs in thousands`);
    if (percent === '' || !(accuracy >= 0 && accuracy <= 100))
      return fail(`${shown(percent)} is no accuracy in percent`);
    if (source === '') return fail('it does not say where it was read');
    return {
      method,
      network,
      dataset: known,
      drelus: Math.round(relus * 1000),
      accuracy: accuracy / 100,
      source,
      confidence,
      note,
    };
  });
}
