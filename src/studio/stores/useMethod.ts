/** The settings of one method of the experiment on the page, or undefined; changes only when they do. */
import type { Method } from '../../domain/experiment.ts';
import { methodOf, useExperiment } from './experiment.ts';

export const useMethod = <N extends Method['name']>(name: N) => useExperiment((s) => methodOf(s.experiment, name));
