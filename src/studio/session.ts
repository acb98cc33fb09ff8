/** The page and its worker, wired once: what the worker tells goes to its room, and what changed in another tab is read again. */
import type { WorkerEvent } from '../worker/client.ts';
import { exactly } from '../domain/describe.ts';
import { heardOfJob } from './gpuJobs.ts';
import { openLink } from './link.ts';
import { noDevice, readAll, refreshData, refreshRunsSoon } from './lists.ts';
import { offer } from './notify.ts';
import { continueRun, giveUp, receiveRun, takeUpAgain } from './runInHand.ts';
import { useRuns } from './stores/runs.ts';
import { useSession } from './stores/session.ts';

/** Lists that changed in any tab; told by the worker that changed them. */
const CHANNEL = 'relu-studio';

const { patch } = useSession.getState();

/** Starts the worker and reads what there is. Called once by App; returns the function that ends it. */
export function connect(): () => void {
  const close = openLink({
    event: receive,
    lost: takeUpAgain,
    gone: (reason) => {
      patch({ device: noDevice(reason), files: [], busy: null });
      giveUp(reason);
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

/** A run that was cut off by a reload or a crash is offered again, once. */
function offerToContinue(): void {
  const { device, current } = useSession.getState();
  const broken = useRuns.getState().runs?.find(({ status }) => status === 'interrupted');
  if (!broken || !device?.available || current) return;
  const where = broken.checkpointStep === null ? '' : ` at step ${exactly(broken.checkpointStep)}`;
  offer(`“${broken.name}” was interrupted${where}.`, 'Continue', () => void continueRun(broken.id));
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
      heardOfJob(event);
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
