/** Web Locks, so that two tabs do not train one run, and so that a run that nobody holds is seen to be interrupted. */

const lockName = (run: string) => `relu-studio/run/${run}`;

/** The run is being trained elsewhere. */
export class BusyRunError extends Error {
  override readonly name = 'BusyRunError';
  constructor() {
    super('This run is being trained in another tab: go on there, or close that tab first.');
  }
}

/** Takes the run's lock at once or not at all. @returns the function that lets it go. @throws BusyRunError */
export function holdRun(run: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(lockName(run), { ifAvailable: true }, (lock) => {
        if (!lock) {
          reject(new BusyRunError());
          return undefined;
        }
        return new Promise<void>((release) => resolve(release));
      })
      .catch(reject);
  });
}

/** Runs whose lock somebody holds, in any tab. */
export async function heldRuns(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  const prefix = lockName('');
  return new Set(held.flatMap(({ name }) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
}
