/**
 * The preset that a first visit opens with. The default preset takes minutes on a GPU but about 20 minutes on a software adapter:
 * there, the trial preset takes its place as soon as the adapter is known, unless the experiment was edited or replaced before.
 */
import { create } from 'zustand';
import { presetOf } from '../domain/presets.ts';
import type { Experiment } from '../domain/experiment.ts';
import type { DeviceInfo } from '../worker/protocol.ts';
import { openedDefault, useExperiment } from './stores/experiment.ts';
import { useSession } from './stores/session.ts';

export const TRIAL_PRESET = 'snl-trial';

/** The trial experiment that was opened in place of the default; null: none was. */
export const useOpening = create<{ trial: Experiment | null }>(() => ({ trial: null }));

/** @returns true where the trial preset replaces the default one */
export const needsTrial = (device: DeviceInfo, experiment: Experiment, byDefault: Experiment | null): boolean =>
  device.available && device.software && byDefault !== null && experiment === byDefault;

/** Waits for the adapter to be known. @returns the function that stops waiting */
export function watchOpening(): () => void {
  const stop = useSession.subscribe(({ device }) => {
    if (!device) return;
    stop();
    if (!needsTrial(device, useExperiment.getState().experiment, openedDefault)) return;
    const trial = presetOf(TRIAL_PRESET);
    useExperiment.setState({ experiment: trial, saved: trial });
    useOpening.setState({ trial });
  });
  return stop;
}
