/** Trained weights and zipped runs brought to the page: examined, asked about, imported, evaluated at once. */
import { create } from 'zustand';
import { exactly, percent } from '../../domain/describe.ts';
import type { RequestOf, WeightsExamined } from '../../worker/protocol.ts';
import { ask } from '../link.ts';
import { refreshRuns, viewRun } from '../lists.ts';
import { evaluate, useEvaluations } from '../masks/evaluation.ts';
import { tellError, tellNote } from '../notify.ts';
import { isActive, useRuns } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';
import { useView } from '../stores/view.ts';

interface OpenDialog {
  file: File;
  examined: WeightsExamined;
}

/** The dialog that is open. */
export const useWeightsDialog = create<{ open: OpenDialog | null }>(() => ({ open: null }));

export const closeWeights = (): void => useWeightsDialog.setState({ open: null });

/** Names of PyTorch's checkpoints. */
export const isCheckpoint = (file: File): boolean => /\.(pt|pth|t7|ckpt)$|\.(pt|pth)\.tar$/i.test(file.name);
/** A browser that has the name already puts a number before the ending. */
export const isRunArchive = (file: File): boolean => /\.relu-studio( ?\(\d+\))?\.zip$/i.test(file.name);

/** Reads what the weights are and opens the dialog. */
export async function openWeights(file: File): Promise<void> {
  try {
    useWeightsDialog.setState({ open: { file, examined: await ask({ type: 'weights:examine', file }) } });
  } catch (error) {
    tellError('These weights cannot be used', error);
  }
}

async function show(run: string): Promise<void> {
  await refreshRuns();
  viewRun(run);
  useView.getState().setTab('masks');
}

/** Whether the GPU is free and images to test on are there. */
function canEvaluate(dataset: string): boolean {
  const { device, data } = useSession.getState();
  const images = data?.find(({ name }) => name === dataset)?.test.images ?? 0;
  return device?.available === true && !isActive(useRuns.getState().current) && images > 0;
}

export async function importWeights(choice: Omit<RequestOf<'weights:import'>, 'type'>): Promise<void> {
  closeWeights();
  try {
    const { run, notes } = await ask({ type: 'weights:import', ...choice });
    await show(run);
    for (const note of notes) tellNote(choice.file.name, note);
    if (!canEvaluate(choice.dataset)) {
      tellNote(`Imported ${choice.file.name}`, 'Evaluate it once the test images of its data set are loaded.');
      return;
    }
    await evaluate(run, 'test');
    const outcome = useEvaluations.getState().outcomes[run]?.test;
    if (outcome && 'result' in outcome)
      tellNote(
        `Imported ${choice.file.name}`,
        `Test accuracy ${percent(outcome.result.accuracy)} on ${exactly(outcome.result.images)} images. If that is far too low, check normalization and the ReLU after the stem.`,
      );
  } catch (error) {
    tellError('These weights were not imported', error);
  }
}

/** A run that was exported as one file is that run again. */
export async function openRunArchive(file: File): Promise<void> {
  try {
    const { run } = await ask({ type: 'run:import', file });
    await show(run);
    tellNote(`Imported ${file.name}`, 'Its curves are under Live, its masks here.');
  } catch (error) {
    tellError('This run was not imported', error);
  }
}
