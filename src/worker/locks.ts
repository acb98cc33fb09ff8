/** Web Locks, so that two tabs do not train one run, and so that a run that nobody holds is seen to be interrupted. */

const lockName = (run: string) => `relu-studio/run/${run}`;

/** The run is being trained elsewhere. */
export class BusyRunError extends Error {
  override readonly name = 'BusyRunError';
  constructor() {
    super('This run is being trained in another tab: go on there, or close that tab first.');
  }
}

/** A worker that has just been ended lets go of its lock a moment later. Milliseconds. */
const PATIENCE = 2000;

/** Takes the run's lock. @returns the function that lets it go. @throws BusyRunError where another holds on to it */
export function holdRun(run: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(
        lockName(run),
        { signal: AbortSignal.timeout(PATIENCE) },
        () => new Promise<void>((release) => resolve(release)),
      )
      .catch((error: unknown) => {
        const given = error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError');
        reject(given ? new BusyRunError() : error instanceof Error ? error : new Error(String(error)));
      });
  });
}

/** Runs whose lock somebody holds, in any tab. */
export async function heldRuns(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  const prefix = lockName('');
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
