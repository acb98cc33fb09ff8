/**
 * The title of the page and the warning before leaving it. During a run the title shows the progress, so that it can be followed
 * from another browser tab. Leaving asks for confirmation while a run is active, because training after the last checkpoint would
 * be lost, and while files are being read.
 */
import { percent } from '../../domain/describe.ts';
import { isActive, useRuns } from '../stores/runs.ts';
import type { CurrentRun } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';

const TITLE = 'ReLU Studio';

/** "SNL mask stage, epoch 12 · SNL quick · ReLU Studio". */
export function pageTitle(run: CurrentRun | null): string {
  if (!run) return TITLE;
  const { status, phase, progress, results } = run;
  const position = phase ? `${phase.title}${progress ? `, epoch ${progress.epoch + 1}` : ''}` : 'Preparing';
  const state = {
    preparing: 'Preparing',
    compiling: 'Compiling shaders',
    running: position,
    evaluating: position,
    paused: `Paused: ${position}`,
    done: results.validationAccuracy === null ? 'Done' : `Done, ${percent(results.validationAccuracy, 1)}`,
    stopped: 'Stopped',
    failed: 'Failed',
  };
  return `${state[status]} · ${run.name} · ${TITLE}`;
}

const confirmLeaving = (event: BeforeUnloadEvent) => event.preventDefault();

/** Keeps title and warning up to date. @returns the function that ends it */
export function watchLeaving(): () => void {
  const update = () => {
    const { current } = useRuns.getState();
    const title = pageTitle(current);
    if (document.title !== title) document.title = title;
    // Only while needed: a page with this listener cannot be kept in the back/forward cache.
    if (isActive(current) || useSession.getState().files.length > 0)
      window.addEventListener('beforeunload', confirmLeaving);
    else window.removeEventListener('beforeunload', confirmLeaving);
  };
  update();
  const unsubscribe = [
    useRuns.subscribe((state, before) => state.current !== before.current && update()),
    useSession.subscribe((state, before) => state.files !== before.files && update()),
  ];
  return () => {
    for (const end of unsubscribe) end();
    window.removeEventListener('beforeunload', confirmLeaving);
    document.title = TITLE;
  };
}
