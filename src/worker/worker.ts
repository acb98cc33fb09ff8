/**
 * The worker: takes requests, hands each to its room, answers once. It decides nothing itself.
 *
 * What needs no GPU is answered at once, whatever trains; files are read one import after the other; whatever needs the GPU
 * besides training waits in a queue and is refused while a run holds it.
 */
import type { Experiment } from '../domain/experiment.ts';
import { arrange } from '../data/dataset.ts';
import type { TrainingData } from '../training/trainingData.ts';
import { DataStore } from './dataStore.ts';
import { analysedGates, evaluatedMasks, exportedMasks, importedMasks, inspectedMasks } from './masksDesk.ts';
import type { MasksDoors } from './masksDesk.ts';
import { transferOf } from './inspectMasks.ts';
import { probe } from './probe.ts';
import type { Answers, FromWorker, GpuJob, Request, RequestOf, ToWorker } from './protocol.ts';
import { CancelledError, SerialQueue } from './queue.ts';
import { Runner, RunnerError } from './runner.ts';
import { RunStore } from './runStore.ts';
import { forgetTuning } from './tuningStore.ts';

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });
const channel = new BroadcastChannel('relu-studio');
const changed = (what: 'runs' | 'data') => channel.postMessage(what);

const dataStore = DataStore.open();
/** Files are read one import after the other. */
const imports = new SerialQueue();

/** The data set that an experiment names, cut, scaled to its network's input and split as it says. */
async function loadData({ dataset, network, seed }: Experiment): Promise<TrainingData> {
  return arrange(
    await (await dataStore).load({ ...dataset, size: Math.max(32, network.inputShape[1]) }),
    dataset,
    seed,
    network.inputShape,
  );
}

interface Rooms extends MasksDoors {
  runner: Runner;
}

async function openRooms(): Promise<Rooms> {
  const store = await RunStore.open(await navigator.storage.getDirectory());
  const runner = new Runner({
    store,
    data: loadData,
    tell: (run, data) => post({ event: 'run', run, data }),
    changed: () => changed('runs'),
    lost: (message) => post({ event: 'lost', message }),
  });
  return { store, runner, data: loadData };
}

const rooms = openRooms();
const gpuJobs = new SerialQueue();

/** Work for the GPU besides training. */
async function onGpu<T>(job: (rooms: Rooms, signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  const open = await rooms;
  return gpuJobs.add((inner) => {
    if (open.runner.busy)
      throw new RunnerError('The GPU is training: pause does not free it, so wait for the run or stop it first.');
    return job(open, inner);
  }, signal);
}

const progressOf =
  ({ type, run }: RequestOf<GpuJob>) =>
  (soFar: number, total: number) =>
    post({ event: 'job', type, run, done: soFar, total });

type Handlers = {
  [T in Request['type']]?: (request: RequestOf<T>, signal: AbortSignal) => Promise<Answers[T]> | Answers[T];
};

const handlers: Handlers = {
  device: () => probe(navigator),

  'data:list': async () => (await dataStore).list(),
  'data:import': ({ files, paths, parts, classes }, signal) =>
    imports.add(async () => {
      const store = await dataStore;
      try {
        return await store.import(files, {
          paths,
          parts,
          classes,
          signal,
          onProgress: (file, read, total) => post({ event: 'data', data: { file, done: read, total } }),
          onReport: (report) => post({ event: 'data', data: { report } }),
        });
      } finally {
        changed('data');
      }
    }, signal),
  'data:remove': async ({ name }) => done(await (await dataStore).remove(name), 'data'),
  'data:restore': async ({ name }) => done(await (await dataStore).restore(name), 'data'),
  'data:thumbnails': async ({ name, part, indices, syntheticSeed }) =>
    (await dataStore).thumbnails(name, part, indices, syntheticSeed),

  'run:start': async (request) => {
    const { runner } = await rooms;
    if (gpuJobs.length > 0)
      throw new RunnerError('The GPU is evaluating or analysing another network: wait for it or cancel it first.');
    return runner.start(request);
  },
  'run:resume': async ({ run }) => (await rooms).runner.resume(run),
  'run:pause': async () => done((await rooms).runner.pause()),
  'run:step': async () => done((await rooms).runner.step()),
  'run:stop': async () => done(await (await rooms).runner.stop()),

  'runs:list': async () => (await rooms).runner.list(),
  'runs:history': async ({ run }) => (await rooms).runner.history(run),
  'runs:rename': async ({ run, name }) => {
    const { store, runner } = await rooms;
    if (runner.current?.id === run) runner.current.name = name;
    return done(await store.save({ ...(await store.get(run)), name }), 'runs');
  },
  'runs:remove': async ({ run }) => {
    const { store, runner } = await rooms;
    if (runner.current?.id === run) throw new RunnerError('This run is being trained: stop it first.');
    return done(await store.mark(run, true), 'runs');
  },
  'runs:restore': async ({ run }) => done(await (await rooms).store.mark(run, false), 'runs'),

  'masks:export': async ({ run }) => exportedMasks(await rooms, run),
  'masks:import': async (request) => {
    const imported = await importedMasks(await rooms, request);
    changed('runs');
    return imported;
  },
  'masks:inspect': async ({ run }) => inspectedMasks(await rooms, run),
  'masks:evaluate': (request, signal) =>
    onGpu((open, inner) => evaluatedMasks(open, request, progressOf(request), inner), signal),
  'tuning:reset': async () => done(await forgetTuning()),
  'gates:analyse': (request, signal) =>
    onGpu((open, inner) => analysedGates(open, request, progressOf(request), inner), signal),
};

/** For verbs that only do something; tells other tabs which list has changed. */
function done(_: void, what?: 'runs' | 'data'): null {
  if (what) changed(what);
  return null;
}

/** Arrays that may move to the page instead of being copied. */
const movable = (request: Request, value: unknown): Transferable[] => {
  if (request.type === 'masks:inspect') return transferOf(value as Answers['masks:inspect']);
  if (request.type === 'data:thumbnails') return [(value as Answers['data:thumbnails']).rgba.buffer];
  return [];
};

const running = new Map<number, AbortController>();

async function answer({ id, request }: ToWorker): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const handler = handlers[request.type] as ((request: Request, signal: AbortSignal) => unknown) | undefined;
    if (!handler) throw new Error(`The worker does not know ${request.type}.`);
    const value = await handler(request, controller.signal);
    post({ id, ok: true, value }, movable(request, value));
  } catch (cause) {
    const error = controller.signal.aborted
      ? new CancelledError()
      : cause instanceof Error
        ? cause
        : new Error(String(cause));
    post({ id, ok: false, error: { name: error.name, message: error.message } });
  } finally {
    running.delete(id);
  }
}

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if (data.request.type === 'cancel') {
    running.get(data.request.id)?.abort();
    post({ id: data.id, ok: true, value: null });
  } else void answer(data);
};
