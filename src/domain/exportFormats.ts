/** The forms in which a finished run leaves the studio besides masks.json and its weights: names of the command line and the page. */

export interface ExportFormat {
  /** As `relu-studio export --format` takes it. */
  name: 'onnx' | 'npz' | 'csv' | 'markdown' | 'latex' | 'gates' | 'zip';
  /** As the page's menu has it. */
  title: string;
  /** What it is, in a line. */
  hint: string;
  /** Ending of the file, after the run's name. */
  ending: string;
}

export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    name: 'zip',
    title: 'Whole run',
    hint: 'masks, weights, experiment, metrics and a PyTorch loader',
    ending: '.relu-studio.zip',
  },
  { name: 'onnx', title: 'ONNX', hint: 'network and gates for onnxruntime (opset 17)', ending: '.onnx' },
  { name: 'npz', title: 'NumPy', hint: 'one boolean array per gate site', ending: '.masks.npz' },
  {
    name: 'gates',
    title: 'Gate list',
    hint: 'comparisons and multiplications in order, for secure inference',
    ending: '.gates.json',
  },
  { name: 'csv', title: 'CSV', hint: 'DReLUs per gate site', ending: '.sites.csv' },
  { name: 'markdown', title: 'Markdown table', hint: 'DReLUs per layer', ending: '.md' },
  { name: 'latex', title: 'LaTeX table', hint: 'DReLUs per layer, with booktabs', ending: '.tex' },
];
