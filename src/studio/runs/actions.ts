/** What can be done with a stored run. */
import { ask } from '../link.ts';
import { refreshRuns, showRun } from '../lists.ts';
import { startRun } from '../runInHand.ts';
import { offerUndo, tellError, tellNote } from '../notify.ts';
import { exactly, percent } from '../../domain/describe.ts';
import { evaluate, useEvaluations } from '../masks/evaluation.ts';
import type { Part } from '../masks/evaluation.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useView } from '../stores/view.ts';
import type { RunSummary } from '../../worker/protocol.ts';

/** What going on with an unfinished run means. */
export const wayOn = ({ checkpointStep }: Pick<RunSummary, 'checkpointStep'>): string =>
  checkpointStep ? `Continue from step ${exactly(checkpointStep)}` : 'Begin again';

export async function removeRun(run: RunSummary): Promise<void> {
  try {
    await ask({ type: 'runs:remove', run: run.id });
    await refreshRuns();
    offerUndo(`Removed “${run.name}”.`, () => {
      ask({ type: 'runs:restore', run: run.id }).then(refreshRuns, (error: unknown) =>
        tellError('The run could not be brought back', error),
      );
    });
  } catch (error) {
    tellError('The run could not be removed', error);
  }
}

/** Evaluates and says what came of it; the Masks tab shows it too. */
export async function evaluateRun(run: RunSummary, part: Part): Promise<void> {
  await evaluate(run.id, part);
  const outcome = useEvaluations.getState().outcomes[run.id]?.[part];
  if (!outcome) return;
  if ('problem' in outcome) tellError('The run could not be evaluated', outcome.problem);
  else {
    const { accuracy, loss, images } = outcome.result;
    tellNote(
      `“${run.name}” on ${part}`,
      `${percent(accuracy)} of ${exactly(images)} images right, loss ${loss.toFixed(4)}.`,
    );
  }
}

/** Puts the run's experiment on the page; undo brings the present one back. */
export function openExperiment(run: RunSummary): void {
  offerUndo(`Opened the experiment of “${run.name}”.`, useExperiment.getState().open(run.experiment));
}

/** Begins a run of the experiment on the page from this run's network and masks. */
export async function trainFrom(run: RunSummary): Promise<void> {
  const { network } = useExperiment.getState().experiment;
  if (JSON.stringify(network) !== JSON.stringify(run.experiment.network)) {
    tellError(
      'The networks differ',
      new Error(
        `“${run.name}” has another network than the experiment on the page: open its experiment first, then choose what to train.`,
      ),
    );
    return;
  }
  await startRun({ run: run.id });
}

export function look(run: RunSummary, tab: 'live' | 'masks'): void {
  showRun(run.id);
  useView.getState().setTab(tab);
}

export async function renameRun(run: RunSummary, name: string): Promise<void> {
  const trimmed = name.trim().slice(0, 120);
  if (trimmed === '' || trimmed === run.name) return;
  try {
    await ask({ type: 'runs:rename', run: run.id, name: trimmed });
    await refreshRuns();
  } catch (error) {
    tellError('The run could not be renamed', error);
  }
}
