/** Web Locks on runs: two tabs cannot train the same run, and a run without a lock is known to be interrupted. */

const lockName = (run: string) => `relu-studio/run/${run}`;

/** Another tab trains the run. */
export class BusyRunError extends Error {
  override readonly name = 'BusyRunError';
  constructor() {
    super('This run is training in another tab: continue there, or close that tab first.');
  }
}

/** How long to wait for a lock, in milliseconds: a terminated worker releases its lock after a moment. */
const LOCK_TIMEOUT_MS = 2000;

/** Acquires the run's lock. @returns the function that releases it @throws BusyRunError where another tab holds it */
export function holdRun(run: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(
        lockName(run),
        { signal: AbortSignal.timeout(LOCK_TIMEOUT_MS) },
        () => new Promise<void>((release) => resolve(release)),
      )
      .catch((error: unknown) => {
        const timedOut =
          error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError');
        reject(timedOut ? new BusyRunError() : error instanceof Error ? error : new Error(String(error)));
      });
  });
}

/** Runs that are locked in any tab. */
export async function heldRuns(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  const prefix = lockName('');
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
