/**
 * A finished run's gates as tables: a CSV line per site, and the per-layer table that papers print, in Markdown and LaTeX.
 */
import { gateOf, type Gate } from './gateMap.ts';
import type { ReadMasks } from './masksFile.ts';

const whole = (n: number): string => n.toLocaleString('en');
const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(1)}%`;

function gateName(gate: Gate): string {
  if (gate.kind === 'share') return gate.from === null ? 'shared' : `shared, from ${gate.from}`;
  return { relu: 'ReLU', identity: 'linear', mask: 'masked' }[gate.kind];
}

/** Columns: site, stage, channels, height, width, gate, neurons, drelus, multiplications; numbers without separators. */
export function sitesCsv({ counts, gates }: ReadMasks): string {
  const lines = counts.sites.map(({ id, stage, shape, neurons, drelus, multiplications }) =>
    [id, stage, ...shape, gateOf(gates, id).kind, neurons, drelus, multiplications].join(','),
  );
  return `${['site,stage,channels,height,width,gate,neurons,drelus,multiplications', ...lines].join('\n')}\n`;
}

const COLUMNS = ['Layer', 'Output', 'Gate', 'Neurons', 'DReLUs', 'Kept', 'Mult.'];

/** The rows of the table, and the totals; `times` stands between the sizes. */
function rowsOf({ counts, gates }: ReadMasks, times: string): { rows: string[][]; total: string[] } {
  const rows = counts.sites.map(({ id, shape, neurons, drelus, multiplications }) => [
    id,
    shape.join(times),
    gateName(gateOf(gates, id)),
    whole(neurons),
    whole(drelus),
    percent(drelus, neurons),
    whole(multiplications),
  ]);
  const { neurons, drelus, multiplications } = counts.total;
  return {
    rows,
    total: ['Total', '', '', whole(neurons), whole(drelus), percent(drelus, neurons), whole(multiplications)],
  };
}

/** What the table is of, in a sentence: network, data, method, accuracy. */
function captionOf({ about, network, accuracy }: ReadMasks): string {
  const { blocks, widths, family, classes } = network;
  const reached = accuracy.test === null ? '' : `, test accuracy ${(100 * accuracy.test).toFixed(2)}%`;
  return `DReLUs per layer: ${about.method.name} on ${about.dataset.name}, ${family} with blocks ${blocks.join('-')}, widths ${widths.join('-')}, ${classes} classes${reached}.`;
}

export function sitesMarkdown(masks: ReadMasks): string {
  const { rows, total } = rowsOf(masks, '×');
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = COLUMNS.map((_, i) => (i < 3 ? '---' : '--:'));
  return `${[captionOf(masks), '', line(COLUMNS), line(rule), ...rows.map(line), line(total.map((cell) => (cell ? `**${cell}**` : '')))].join('\n')}\n`;
}

const SPECIAL: Record<string, string> = {
  '\\': String.raw`\textbackslash{}`,
  '~': String.raw`\textasciitilde{}`,
  '^': String.raw`\textasciicircum{}`,
};
/** Text for LaTeX: its special characters written out. */
const latex = (text: string): string =>
  text.replace(/[\\{}$&#_%~^]/g, (character) => SPECIAL[character] ?? `\\${character}`);

/** Needs \usepackage{booktabs}. */
export function sitesLatex(masks: ReadMasks): string {
  const { rows, total } = rowsOf(masks, '×');
  const line = (cells: string[]) =>
    `    ${cells.map((cell) => latex(cell).replace(/×/g, String.raw`$\times$`)).join(' & ')} \\\\`;
  return [
    '% needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${latex(captionOf(masks))}}`,
    '  \\begin{tabular}{lllrrrr}',
    '    \\toprule',
    line(COLUMNS),
    '    \\midrule',
    ...rows.map(line),
    '    \\midrule',
    line(total),
    '    \\bottomrule',
    '  \\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}
