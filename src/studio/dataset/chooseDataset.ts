/** Choosing a data set, and changing to the data set of files that were just imported. */
import { datasetName } from '../../domain/describe.ts';
import type { DatasetChoice, Experiment } from '../../domain/experiment.ts';
import type { DataSummary, FileReport } from '../../worker/protocol.ts';
import { offerUndo } from '../notify.ts';
import { editExperiment, useExperiment } from '../stores/experiment.ts';

/** Classes and image size of each data set, whether or not its files are loaded. */
const PROPERTIES: Record<DatasetChoice['name'], { classes: number; size: number }> = {
  synthetic: { classes: 10, size: 32 },
  'cifar-10': { classes: 10, size: 32 },
  'cifar-100': { classes: 100, size: 32 },
  'tiny-imagenet': { classes: 200, size: 64 },
};

/** Chooses a data set; the network's classes and input size follow. */
export function chooseDataset(draft: Experiment, name: DatasetChoice['name'], data: DataSummary[] | null): void {
  const held = data?.find((set) => set.name === name);
  draft.dataset.name = name;
  draft.dataset.trainImages = name === 'synthetic' ? 4000 : null;
  draft.dataset.testImages = name === 'synthetic' ? 1000 : null;
  draft.network.classes = held?.classes.length ?? PROPERTIES[name].classes;
  const [channels, height, width] = held?.shape ?? [3, PROPERTIES[name].size, PROPERTIES[name].size];
  draft.network.inputShape = [channels, height, width];
}

/** Changes the experiment to the imported data set once it has training images, with a notification. */
export function trainOnImported(reports: readonly FileReport[], data: DataSummary[] | null): void {
  const read = reports.flatMap(({ outcome }) =>
    outcome.ok && outcome.part !== 'ask' && outcome.part !== 'size' ? [outcome.dataset] : [],
  );
  const held = data?.find(({ name, train }) => name === read.at(-1) && train.images > 0);
  const { experiment } = useExperiment.getState();
  if (!held || held.name === experiment.dataset.name) return;
  const undo = editExperiment((draft) => chooseDataset(draft, held.name, data));
  offerUndo(`The experiment now trains on ${datasetName(held.name)}.`, undo);
}
