/**
 * What reads files that anybody may have written, each as one function from bytes to nothing: it returns where the bytes were read,
 * and throws where they were refused. `refusals` are the classes of error that a reader promises; anything else is a defect.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importSources } from '../../src/data/importer.ts';
import type { Random } from '../../src/domain/random.ts';
import { cifar10, cifar100, gzip, joinBytes, pickledBatch, sourceOf, tar } from '../../src/data/testing.ts';
import { DataError } from '../../src/data/types.ts';
import { ZipArchive } from '../../src/data/zip.ts';
import { decodeExperiment, encodeExperiment, ExperimentError, experimentFrom } from '../../src/domain/address.ts';
import { gateMapOf } from '../../src/domain/composition.ts';
import { countsOf } from '../../src/domain/counting.ts';
import { GateMapError } from '../../src/domain/errors.ts';
import { encodeMasks, masksText, MasksFileError, parseMasks, type MasksFile } from '../../src/domain/masksFile.ts';
import { presetOf } from '../../src/domain/presets.ts';
import { parsePublished, PublishedError } from '../../src/domain/published.ts';
import { parseJson } from '../../src/domain/readable.ts';
import { UnknownNetworkError } from '../../src/domain/recogniseNetwork.ts';
import { initialWeights } from '../../src/engine/initial.ts';
import {
  canonicalNames,
  checkWeights,
  readSafetensors,
  WeightsError,
  writeSafetensors,
} from '../../src/engine/weights.ts';
import { checkCheckpoint } from '../../src/training/checkCheckpoint.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/training/checkpoint.ts';
import { CheckpointError } from '../../src/training/errors.ts';
import { archiveRun, readRunArchive } from '../../src/training/exports/runArchive.ts';
import { zipped } from '../../src/training/exports/zipped.ts';
import {
  dataSetFor,
  examineWeights,
  importWeights,
  normalisationOf,
  readForeignWeights,
} from '../../src/training/importWeights.ts';
import { freshState, freshTensors } from '../../src/training/state.ts';
import { inspectMasks } from '../../src/worker/inspectMasks.ts';
import { parseFixture, FixtureError } from '../../src/engine/selfCheck/fixtureFile.ts';
import { damageBytes, damageJson } from './mutate.ts';

export interface Target {
  name: string;
  /** A damaged file. */
  make: (random: Random) => Uint8Array | Promise<Uint8Array>;
  /** Reads it; resolves with the messages of what was refused on the way, and throws for the file as a whole. */
  read: (bytes: Uint8Array, random: Random) => string[] | Promise<string[]>;
  refusals: (new (...args: never[]) => Error)[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const pixels = new Uint8Array(4 * 3072).map((_, i) => (i * 37) & 255);
const pickle = pickledBatch(pixels, [1, 2, 3, 4], 'training batch 1 of 5');
const archive = tar([
  { name: 'pax', kind: 'x', data: joinBytes('18 path=c/readme1\n11 size=42\n') },
  { name: 'c/r', data: new Uint8Array(42).fill(65) },
  { name: 'long', kind: 'L', data: joinBytes('c/a_long_name_of_a_readme\0') },
  { name: 'c/s', data: new Uint8Array(10).fill(65) },
  { name: 'c/batches.meta.txt', data: joinBytes('a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n') },
  { name: 'c/data_batch_1', data: pickle },
  { name: 'c/test_batch.bin', data: cifar10(3) },
]);

/** Through the importer, as the page and the command line read; a DataError becomes a message there, never an exception. */
async function importing(name: string, bytes: Uint8Array, random: Random): Promise<string[]> {
  const messages: string[] = [];
  const reports = await importSources([sourceOf(name, bytes, false, 1 + random.below(20_000))], {
    keep: ({ images, labels, count, dataset }) => {
      const most = dataset === 'cifar-10' ? 10 : 100;
      if (images.length !== count * 3072 || labels.length !== count || labels.some((label) => label >= most))
        throw new RangeError('a shard was accepted whose labels or images are wrong');
      return Promise.resolve();
    },
    names: (_, names) => {
      if (names.some((text) => /\p{Cc}/u.test(text))) throw new RangeError('a class name has control characters');
    },
  });
  for (const { file, outcome } of reports) {
    if (/\p{Cc}/u.test(file)) throw new RangeError('a file name with control characters was reported');
    if (!outcome.ok) messages.push(outcome.message);
  }
  return messages;
}

type Make = (random: Random) => Uint8Array | Promise<Uint8Array>;

const damaged =
  (whole: Uint8Array): Make =>
  (random) =>
    damageBytes(whole, random);

/** A tar whose headers have been damaged and given the checksum that fits: else the checksum would hide what lies behind it. */
function damagedTar(random: Random): Uint8Array {
  const bytes = random.below(3) === 0 ? damageBytes(archive, random) : archive.slice();
  const headers = [];
  for (let at = 0; at + 512 <= bytes.length; at += 512)
    if (decoder.decode(bytes.subarray(at + 257, at + 262)) === 'ustar') headers.push(at);
  for (const at of headers) {
    if (random.below(2) === 0) {
      const [field, length] = TAR_FIELDS[random.below(TAR_FIELDS.length)];
      for (let i = 0; i < length; i++)
        if (random.below(3) === 0) bytes[at + field + i] = TAR_BYTES[random.below(TAR_BYTES.length)];
    }
    bytes.fill(32, at + 148, at + 156);
    let sum = 0;
    for (let i = 0; i < 512; i++) sum += bytes[at + i];
    bytes.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), at + 148);
  }
  return bytes;
}
/** Offset and length of name, size, kind and prefix. */
const TAR_FIELDS = [
  [0, 100],
  [124, 12],
  [156, 1],
  [345, 155],
] as const;
const TAR_BYTES = encoder.encode('\u0000047 LxgK5-/.\u0007ÿ');

const data = (name: string, file: string, make: Make): Target => {
  return {
    name,
    make,
    read: (bytes, random) => importing(file, bytes, random),
    refusals: [DataError],
  };
};

const tiny = {
  ...presetOf('snl-quick'),
  network: {
    ...presetOf('snl-quick').network,
    blocks: [1, 1],
    widths: [2, 4],
    inputShape: [3, 8, 8] as [number, number, number],
  },
};
const sharing = {
  ...presetOf('deepshare-quick'),
  network: tiny.network,
};
const weights = initialWeights(tiny.network, 1);
const safetensors = writeSafetensors(weights, { format: 'pt' });

const masksOf = (experiment: typeof tiny): unknown => {
  const { network } = experiment;
  const methods = experiment.methods.map((method) =>
    method.name === 'deepshare' ? { ...method, ratios: [0.5, 0.5, 0.5] } : method,
  );
  const gates = gateMapOf({ network, methods });
  const file = encodeMasks({
    about: {
      generator: { name: 'relu-studio', version: '0.1.0' },
      createdAt: '2026-11-21T08:00:00Z',
      dataset: {
        name: 'synthetic',
        trainImages: 10,
        validationImages: 1,
        testImages: 5,
        mean: [0.5, 0.5, 0.5],
        std: [0.2, 0.2, 0.2],
      },
      method: { name: 'snl', experiment },
      weights: { file: 'model.safetensors', sha256: '0'.repeat(64) },
    },
    accuracy: { test: 0.5, validation: null, denseTest: null },
    network,
    gates,
    trained: {},
  });
  return JSON.parse(masksText(file)) as unknown;
};
const masksFiles = [masksOf(tiny), masksOf(sharing)];

const checkpoint = encodeCheckpoint({ state: freshState(tiny, null), tensors: freshTensors(tiny, null) });
const checkpointParts = readSafetensors(checkpoint);
const checkpointState = JSON.parse(checkpointParts.metadata.state) as unknown;
const csv =
  'method,network,dataset,relus_thousands,test_accuracy_percent,source,confidence,note\nSNL,ResNet-18,cifar100,15,67.16,"paper, table 1",high,\n';

const text = (
  name: string,
  make: (random: Random) => string,
  read: (text: string) => void,
  refusals: Target['refusals'],
): Target => ({
  name,
  make: (random) => {
    const made = make(random);
    return random.below(4) === 0 ? damageBytes(encoder.encode(made), random) : encoder.encode(made);
  },
  read: (bytes) => {
    read(decoder.decode(bytes));
    return [];
  },
  refusals,
});

const fixture = {
  name: 'x',
  widths: [2, 4],
  blocks: [1, 1],
  classes: 10,
  inputSize: 8,
  stemGate: true,
  gates: { stem: { kind: 'relu' }, 'layer1.0.gate1': { kind: 'share', prototypes: [0], source: [0, 0] } },
  teacherGates: 'plain',
  batch: 2,
  steps: 1,
  loss: 'cross entropy + distillation',
  optimizer: 'Adam lr 1e-3, betas 0.9 0.999, eps 1e-8, no weight decay',
};

const experimentOf = (json: string): void => {
  let parsed: unknown;
  try {
    parsed = parseJson(json);
  } catch (cause) {
    throw new ExperimentError((cause as Error).message);
  }
  const experiment = experimentFrom(parsed, 'The file');
  // What the page does with an experiment as soon as it is opened.
  try {
    countsOf(experiment.network, gateMapOf(experiment));
  } catch (error) {
    if (
      !(error instanceof GateMapError || error instanceof RangeError) ||
      /Maximum call|Invalid (array|typed)/.test(error.message)
    )
      throw error;
  }
  decodeExperiment(encodeExperiment(experiment));
};

const torchFile = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join('test', 'fixtures', 'checkpoints', name)));
const checkpoints = ['training.pth.tar', 'training-old.pth.tar', 'kuangliu-net.pth', 'torchvision-big-endian.pt'].map(
  torchFile,
);
/** Members of a checkpoint, so that damage gets past the checksums of the archive. */
const members = (async () => {
  const opened = await ZipArchive.open(checkpoints[0], 'a.pt');
  return Promise.all(opened.names.map(async (name) => [name, await opened.read(name, 1 << 24)] as const));
})();

async function damagedCheckpoint(random: Random): Promise<Uint8Array> {
  if (random.below(2) === 0) return damageBytes(checkpoints[random.below(checkpoints.length)], random);
  const whole = await members;
  const pickled = whole.findIndex(([name]) => name.endsWith('data.pkl'));
  const at = random.below(3) === 0 ? random.below(whole.length) : pickled;
  return zipped(whole.map(([name, bytes], i) => [name, i === at ? damageBytes(bytes, random) : bytes]));
}

/** As the page and the command line import weights: read, recognised, written as a run. */
async function importingWeights(bytes: Uint8Array): Promise<string[]> {
  const tensors = await readForeignWeights(new Uint8Array(bytes), 'a.pt');
  const { network, refused } = examineWeights(tensors);
  if (refused) return [];
  const { mean, std } = normalisationOf('cifar-10', network.inputShape[0]);
  await importWeights({ tensors, file: 'a.pt', network, dataset: dataSetFor(network.classes), mean, std });
  return [];
}

const runFiles = (async () => {
  const weights = writeSafetensors(initialWeights(tiny.network, 1));
  const about = { ...(masksFiles[0] as MasksFile), weights: { file: 'model.safetensors', sha256: '0'.repeat(64) } };
  const history = { phases: [], steps: [], epochs: [], switches: [], warnings: [] };
  const run = { name: 'a run', createdAt: '', finishedAt: null, seconds: 1, experiment: tiny, history };
  const opened = await ZipArchive.open(await archiveRun({ ...run, masks: masksText(about), weights }), 'a.zip');
  return Promise.all(opened.names.map(async (name) => [name, await opened.read(name, 1 << 24)] as const));
})();

async function damagedRun(random: Random): Promise<Uint8Array> {
  const whole = await runFiles;
  if (random.below(3) === 0) return damageBytes(await zipped(whole), random);
  const at = random.below(whole.length);
  return zipped(
    whole.map(([name, bytes], i) => {
      if (i !== at) return [name, bytes];
      const json = name.endsWith('.json') && random.below(2) === 0;
      return [name, json ? damageJson(JSON.parse(decoder.decode(bytes)), random) : damageBytes(bytes, random)];
    }),
  );
}

export const TARGETS: Target[] = [
  {
    name: 'PyTorch checkpoint',
    make: damagedCheckpoint,
    read: importingWeights,
    refusals: [DataError, WeightsError, UnknownNetworkError],
  },
  {
    name: 'zipped run',
    make: damagedRun,
    read: async (bytes) => {
      await readRunArchive(bytes, 'a.zip');
      return [];
    },
    refusals: [DataError, MasksFileError],
  },
  data('cifar-10 binary', 'train.bin', damaged(cifar10(6))),
  data('cifar-100 binary', 'train.bin', damaged(cifar100(6))),
  data('pickle', 'train', damaged(pickle)),
  data('tar', 'a.tar', damagedTar),
  {
    ...data('gzip', 'a.tar.gz', async (random) =>
      random.below(2) === 0 ? damageBytes(await gzip(archive), random) : gzip(damagedTar(random)),
    ),
  },
  {
    name: 'safetensors',
    make: (random) => {
      if (random.below(2) === 0) return damageBytes(safetensors, random);
      // A damaged header of the right length.
      const length = Number(new DataView(safetensors.buffer).getBigUint64(0, true));
      const header = encoder.encode(
        damageJson(JSON.parse(decoder.decode(safetensors.subarray(8, 8 + length))) as unknown, random),
      );
      const rest = safetensors.subarray(8 + length);
      const bytes = new Uint8Array(8 + header.length + rest.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
      bytes.set(header, 8);
      bytes.set(rest, 8 + header.length);
      return bytes;
    },
    read: (bytes) => {
      checkWeights(canonicalNames(readSafetensors(bytes).tensors), tiny.network);
      return [];
    },
    refusals: [WeightsError],
  },
  text(
    'masks.json',
    (random) => damageJson(masksFiles[random.below(masksFiles.length)], random),
    (json) => void inspectMasks('run', parseMasks(json)),
    [MasksFileError],
  ),
  text('experiment', (random) => damageJson([tiny, sharing][random.below(2)], random), experimentOf, [ExperimentError]),
  text(
    'address',
    (random) => {
      const whole = encodeExperiment([tiny, sharing][random.below(2)]);
      return decoder.decode(damageBytes(encoder.encode(whole), random));
    },
    (address) => void decodeExperiment(address),
    [ExperimentError],
  ),
  {
    name: 'checkpoint',
    make: (random) => damageBytes(checkpoint, random),
    read: (bytes) => {
      decodeCheckpoint(bytes);
      return [];
    },
    refusals: [CheckpointError, WeightsError],
  },
  {
    name: 'checkpoint state',
    make: (random) =>
      writeSafetensors(checkpointParts.tensors, {
        ...checkpointParts.metadata,
        state: damageJson(checkpointState, random),
      }),
    read: (bytes) => {
      checkCheckpoint(decodeCheckpoint(bytes), 1);
      return [];
    },
    refusals: [CheckpointError, WeightsError],
  },
  text(
    'published results',
    (random) => decoder.decode(damageBytes(encoder.encode(csv), random)),
    (table) => void parsePublished(table),
    [PublishedError],
  ),
  text(
    'fixture',
    (random) => damageJson(fixture, random),
    (json) => {
      let parsed: unknown;
      try {
        parsed = parseJson(json);
      } catch (cause) {
        throw new FixtureError((cause as Error).message);
      }
      parseFixture(
        parsed,
        new Map([
          ['images', { shape: [2, 3, 8, 8], data: new Float32Array(384) }],
          ['labels', { shape: [2], data: new Float32Array(2) }],
        ]),
      );
    },
    [FixtureError],
  ),
];
