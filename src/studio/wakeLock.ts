/** Keeps the screen from sleeping while a run trains. The browser drops the lock whenever the page is hidden; it is requested again when the page is shown. */

let wanted = false;
let lock: WakeLockSentinel | null = null;

async function take(): Promise<void> {
  if (!wanted || lock || !('wakeLock' in navigator) || document.visibilityState !== 'visible') return;
  try {
    const taken = await navigator.wakeLock.request('screen');
    taken.addEventListener('release', () => {
      if (lock === taken) lock = null;
    });
    if (wanted) lock = taken;
    else void taken.release();
  } catch {
    // Refused (low battery, policy): training continues, the screen may sleep.
  }
}

let listening = false;

export function keepAwake(on: boolean): void {
  wanted = on;
  if (!listening) {
    listening = true;
    document.addEventListener('visibilitychange', () => void take());
  }
  if (on) void take();
  else {
    void lock?.release();
    lock = null;
  }
}
