/** Actions on stored runs: view, rename, evaluate, start from, remove. */
import { ask } from '../link.ts';
import { refreshRuns, viewRun } from '../lists.ts';
import { startRun } from '../currentRun.ts';
import { offerUndo, tellError, tellNote } from '../notify.ts';
import { exactly, percent } from '../../domain/describe.ts';
import { evaluate, useEvaluations } from '../masks/evaluation.ts';
import type { Part } from '../masks/evaluation.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useRuns } from '../stores/runs.ts';
import { useView } from '../stores/view.ts';
import type { RunSummary } from '../../worker/protocol.ts';

/** Title of the button that resumes an unfinished run. */
export const resumeTitle = ({ checkpointStep }: Pick<RunSummary, 'checkpointStep'>): string =>
  checkpointStep ? `Continue from step ${exactly(checkpointStep)}` : 'Restart';

export async function removeRun(run: RunSummary): Promise<void> {
  try {
    await ask({ type: 'runs:remove', run: run.id });
    await refreshRuns();
    offerUndo(`Removed “${run.name}”.`, () => {
      ask({ type: 'runs:restore', run: run.id }).then(refreshRuns, (error: unknown) =>
        tellError('The run could not be restored', error),
      );
    });
  } catch (error) {
    tellError('The run could not be removed', error);
  }
}

/** Evaluates the run and reports the accuracy; the Masks tab shows it too. */
export async function evaluateRun(run: RunSummary, part: Part): Promise<void> {
  await evaluate(run.id, part);
  const outcome = useEvaluations.getState().outcomes[run.id]?.[part];
  if (!outcome) return;
  if ('problem' in outcome) tellError('The run could not be evaluated', outcome.problem);
  else {
    const { accuracy, loss, images } = outcome.result;
    tellNote(
      `“${run.name}”: ${part} accuracy ${percent(accuracy)}`,
      `${exactly(images)} images, loss ${loss.toFixed(4)}.`,
    );
  }
}

/** Puts the run's experiment on the page. */
export function openExperiment(run: RunSummary): void {
  offerUndo(`Opened the experiment of “${run.name}”.`, useExperiment.getState().open(run.experiment));
}

/** Starts a run of the experiment on the page from this run's weights and masks. */
export async function startFrom(run: RunSummary): Promise<void> {
  const { network } = useExperiment.getState().experiment;
  if (JSON.stringify(network) !== JSON.stringify(run.experiment.network)) {
    tellError(
      'The networks differ',
      `The experiment on the page has another network than “${run.name}”: open the experiment of that run first.`,
    );
    return;
  }
  await startRun({ run: run.id });
}

export function viewIn(run: Pick<RunSummary, 'id'>, tab: 'live' | 'masks'): void {
  viewRun(run.id);
  useView.getState().setTab(tab);
}

export async function renameRun(run: RunSummary, name: string): Promise<void> {
  const trimmed = name.trim().slice(0, 120);
  if (trimmed === '' || trimmed === run.name) return;
  try {
    await ask({ type: 'runs:rename', run: run.id, name: trimmed });
    const { current, patchCurrent } = useRuns.getState();
    if (current?.id === run.id) patchCurrent({ name: trimmed });
    await refreshRuns();
  } catch (error) {
    tellError('The run could not be renamed', error);
  }
}
