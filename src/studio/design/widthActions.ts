/** Actions of the stage width form: module functions rather than closures, so that memoized fields are not redrawn. */
import { create } from 'zustand';
import { useExperiment } from '../stores/experiment.ts';
import { shownMultipliers, widthsFrom, withStages } from './multipliers.ts';
import { setNetwork } from './setNetwork.ts';

/** The multipliers last typed or dragged (multipliers.ts says how long they are shown). */
const typed = create<{ multipliers: number[] | null }>(() => ({ multipliers: null }));
export const useTyped = (): number[] | null => typed((s) => s.multipliers);

const network = () => useExperiment.getState().experiment.network;
const shown = () => shownMultipliers(network().widths, typed.getState().multipliers);

export function setMultiplier(k: number, value: number): void {
  const multipliers = shown().with(k, value);
  typed.setState({ multipliers });
  setNetwork({ widths: widthsFrom(network().widths[0], multipliers) }, `multiplier ${k}`);
}

export function setBase(base: number): void {
  const multipliers = shown();
  typed.setState({ multipliers });
  setNetwork({ widths: widthsFrom(base, multipliers) }, 'base');
}

export const setStages = (stages: number): void => setNetwork(withStages(network(), stages));

/** Blocks or channels of one stage (0-based). */
export function setStageValue(what: 'blocks' | 'widths', stage: number, value: number): void {
  setNetwork({ [what]: network()[what].with(stage, value) }, `${what} ${stage}`);
}
