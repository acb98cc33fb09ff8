/** Commands on the experiment that buttons, menus and shortcuts share: save, share, open. */
import { experimentFromHash, experimentHash, experimentText, fileStem } from './experimentFile.ts';
import { download, openFiles } from './files.ts';
import { offerUndo, tellError, tellNote } from './notify.ts';
import { useExperiment } from './stores/experiment.ts';

export function saveExperiment(): void {
  const { experiment, markSaved } = useExperiment.getState();
  download(`${fileStem(experiment.name)}.json`, experimentText(experiment), 'application/json');
  markSaved();
}

/** Copies a link that contains the experiment, and puts it into the address bar. */
export async function shareExperiment(): Promise<void> {
  const hash = experimentHash(useExperiment.getState().experiment);
  history.replaceState(null, '', hash);
  try {
    await navigator.clipboard.writeText(location.href);
    tellNote('Link copied', 'It contains the experiment, but neither data nor results.');
  } catch {
    tellNote('Copy the link from the address bar', 'This browser does not allow the page to copy it.');
  }
}

/** Opens the experiment that the address contains, if any. */
export function openAddress(): void {
  try {
    const experiment = experimentFromHash(location.hash, (sentence) => tellNote('A setting was dropped', sentence));
    if (!experiment) return;
    const undo = useExperiment.getState().open(experiment);
    history.replaceState(null, '', location.pathname + location.search);
    offerUndo(`Opened “${experiment.name}” from the link.`, undo);
  } catch (error) {
    tellError('The link could not be opened', error);
  }
}

/** Opens the files chosen in a file input and clears it, so that the same file can be chosen again. */
export function openExperiments(input: HTMLInputElement): void {
  const files = [...(input.files ?? [])];
  input.value = '';
  void openFiles(files);
}
