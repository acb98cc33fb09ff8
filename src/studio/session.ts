/** Connects the page with its worker: passes events to the modules that handle them, and reads again what another tab has changed. */
import type { WorkerEvent } from '../worker/client.ts';
import { exactly } from '../domain/describe.ts';
import { receiveJobProgress } from './gpuJobs.ts';
import { openLink } from './link.ts';
import { noDevice, readAll, refreshData, refreshRunsSoon } from './lists.ts';
import { offer } from './notify.ts';
import { continueRun, failForGood, receiveRun, recoverFromLoss } from './currentRun.ts';
import { runListOf, useRuns } from './stores/runs.ts';
import { useSession } from './stores/session.ts';

/** Broadcast channel on which a worker reports that it has changed a list. */
const CHANNEL = 'relu-studio';

const { patch } = useSession.getState();

/** Starts the worker and reads what is stored. Called once by App. @returns the function that ends it */
export function connect(): () => void {
  const close = openLink({
    event: receive,
    lost: recoverFromLoss,
    gone: (reason) => {
      patch({ device: noDevice(reason), files: [], busy: null });
      failForGood(reason);
    },
  });
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === 'runs') refreshRunsSoon();
    if (data === 'data') void refreshData();
  };
  void readAll().then(offerToContinue);
  return () => {
    channel.close();
    close();
  };
}

/** Offers to continue a run that a reload or a crash has interrupted. */
function offerToContinue(): void {
  const { device } = useSession.getState();
  const state = useRuns.getState();
  const interrupted = runListOf(state)?.find(({ status }) => status === 'interrupted');
  if (!interrupted || !device?.available || state.current) return;
  const at = interrupted.checkpointStep === null ? '' : ` at step ${exactly(interrupted.checkpointStep)}`;
  offer(`“${interrupted.name}” was interrupted${at}.`, 'Continue', () => void continueRun(interrupted.id));
}

function receive(event: WorkerEvent): void {
  switch (event.event) {
    case 'run':
      receiveRun(event.run, event.data);
      break;
    case 'data':
      receiveData(event.data);
      break;
    case 'job':
      receiveJobProgress(event);
      break;
  }
}

function receiveData(data: Extract<WorkerEvent, { event: 'data' }>['data']): void {
  const { files, reports } = useSession.getState();
  if ('report' in data)
    patch({
      files: files.filter(({ file }) => file !== data.report.file),
      reports: [...reports.filter(({ file }) => file !== data.report.file), data.report],
    });
  else
    patch({
      files: [...files.filter(({ file }) => file !== data.file), data].toSorted((a, b) => a.file.localeCompare(b.file)),
    });
}
