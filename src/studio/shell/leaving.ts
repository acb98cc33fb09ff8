/**
 * While a run is in hand the page's title says how far it is, so that it can be watched from another tab. Leaving the page asks
 * first: what came after the last checkpoint would have to be trained again, files half read be read again.
 */
import { percent } from '../../domain/describe.ts';
import { isActive, useSession } from '../stores/session.ts';
import type { CurrentRun, SessionState } from '../stores/session.ts';

const TITLE = 'ReLU Studio';

/** "SNL mask stage, epoch 12 · SNL quick · ReLU Studio". */
export function pageTitle(run: CurrentRun | null): string {
  if (!run) return TITLE;
  const { status, phase, progress, validation } = run;
  const where = phase ? `${phase.title}${progress ? `, epoch ${progress.epoch + 1}` : ''}` : 'Preparing';
  const words = {
    preparing: 'Preparing',
    compiling: 'Compiling shaders',
    running: where,
    evaluating: where,
    paused: `Paused: ${where}`,
    done: validation === null ? 'Done' : `Done, ${percent(validation, 1)}`,
    stopped: 'Stopped',
    failed: 'Failed',
  };
  return `${words[status]} · ${run.name} · ${TITLE}`;
}

const ask = (event: BeforeUnloadEvent) => event.preventDefault();

/** Returns the function that ends it. */
export function watchLeaving(): () => void {
  const follow = ({ current, files }: Pick<SessionState, 'current' | 'files'>) => {
    const title = pageTitle(current);
    if (document.title !== title) document.title = title;
    // Only while it is needed: a page that listens cannot be kept by the browser for going back to.
    if (isActive(current) || files.length > 0) window.addEventListener('beforeunload', ask);
    else window.removeEventListener('beforeunload', ask);
  };
  follow(useSession.getState());
  const unsubscribe = useSession.subscribe((state, before) => {
    if (state.current !== before.current || state.files !== before.files) follow(state);
  });
  return () => {
    unsubscribe();
    window.removeEventListener('beforeunload', ask);
    document.title = TITLE;
  };
}
