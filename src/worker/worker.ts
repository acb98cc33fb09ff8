/**
 * The worker: dispatches each request to its handler and answers it once.
 *
 * Requests without the GPU are answered at once, also during training; imports run one after the other; jobs on the GPU besides
 * training wait in a queue and are refused while a run is active.
 */
import type { Experiment } from '../domain/experiment.ts';
import { arrange } from '../data/dataset.ts';
import type { TrainingData } from '../training/trainingData.ts';
import { DataStore } from './dataStore.ts';
import { examinedWeights, exportedRun, importedArchive, importedWeights } from './exchange.ts';
import { analysedGates, evaluatedMasks, exportedMasks, importedMasks, inspectedMasks } from './maskRequests.ts';
import type { MaskHost } from './maskRequests.ts';
import { transferOf } from './inspectMasks.ts';
import { probe } from './probe.ts';
import type { Answers, FromWorker, GpuJob, Request, RequestOf, ToWorker } from './protocol.ts';
import { CancelledError, SerialQueue } from './queue.ts';
import { Runner, RunnerError } from './runner.ts';
import { RunStore } from './runStore.ts';
import { resetTuning } from './tuningStore.ts';

const post = (message: FromWorker, transfer: Transferable[] = []) => self.postMessage(message, { transfer });
const channel = new BroadcastChannel('relu-studio');
const changed = (what: 'runs' | 'data') => channel.postMessage(what);

const dataStore = DataStore.open();
/** Imports run one after the other. */
const imports = new SerialQueue();

/** The data set of an experiment, scaled to the network's input and split. */
async function loadData({ dataset, network, seed }: Experiment): Promise<TrainingData> {
  return arrange(
    await (await dataStore).load({ ...dataset, size: Math.max(32, network.inputShape[1]) }),
    dataset,
    seed,
    network.inputShape,
  );
}

interface Services extends MaskHost {
  runner: Runner;
}

async function openServices(): Promise<Services> {
  const store = await RunStore.open(await navigator.storage.getDirectory());
  const runner = new Runner({
    store,
    data: loadData,
    send: (run, data) => post({ event: 'run', run, data }),
    runsChanged: () => changed('runs'),
    deviceLost: (message) => post({ event: 'lost', message }),
  });
  return { store, runner, data: loadData };
}

const services = openServices();
const gpuJobs = new SerialQueue();

/** Runs a job on the GPU besides training. */
async function onGpu<T>(job: (services: Services, signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  const opened = await services;
  return gpuJobs.add((inner) => {
    if (opened.runner.busy)
      throw new RunnerError('Unavailable while a run is training or paused: wait for its end or stop it.');
    return job(opened, inner);
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
    const { runner } = await services;
    if (gpuJobs.length > 0)
      throw new RunnerError('The GPU is evaluating or analyzing another network: wait or cancel that first.');
    return runner.start(request);
  },
  'run:resume': async ({ run }) => (await services).runner.resume(run),
  'run:pause': async () => done((await services).runner.pause()),
  'run:step': async () => done((await services).runner.step()),
  'run:stop': async () => done(await (await services).runner.stop()),

  'runs:list': async () => (await services).runner.list(),
  'runs:history': async ({ run }) => (await services).runner.history(run),
  'runs:rename': async ({ run, name }) => {
    const { store, runner } = await services;
    if (runner.current?.id === run) runner.current.name = name;
    return done(await store.save({ ...(await store.get(run)), name }), 'runs');
  },
  'runs:remove': async ({ run }) => {
    const { store, runner } = await services;
    if (runner.current?.id === run) throw new RunnerError('This run is training: stop it first.');
    return done(await store.mark(run, true), 'runs');
  },
  'runs:restore': async ({ run }) => done(await (await services).store.mark(run, false), 'runs'),

  'run:export': async ({ run, format }) => exportedRun((await services).store, run, format),
  'run:import': async ({ file }) => {
    const imported = await importedArchive((await services).store, file);
    changed('runs');
    return imported;
  },
  'weights:examine': ({ file }) => examinedWeights(file),
  'weights:import': async (request) => {
    const imported = await importedWeights((await services).store, request);
    changed('runs');
    return imported;
  },
  'masks:export': async ({ run, weightsFile }) => exportedMasks(await services, run, weightsFile),
  'masks:import': async (request) => {
    const imported = await importedMasks(await services, request);
    changed('runs');
    return imported;
  },
  'masks:inspect': async ({ run }) => inspectedMasks(await services, run),
  'masks:evaluate': (request, signal) =>
    onGpu((host, inner) => evaluatedMasks(host, request, progressOf(request), inner), signal),
  'tuning:reset': async () => done(await resetTuning()),
  'gates:analyse': (request, signal) =>
    onGpu((host, inner) => analysedGates(host, request, progressOf(request), inner), signal),
};

/** The answer of requests without a result; reports to other tabs which list has changed. */
function done(_: void, what?: 'runs' | 'data'): null {
  if (what) changed(what);
  return null;
}

/** Buffers of an answer that may be transferred instead of copied. */
const transferable = (request: Request, value: unknown): Transferable[] => {
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
    post({ id, ok: true, value }, transferable(request, value));
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
