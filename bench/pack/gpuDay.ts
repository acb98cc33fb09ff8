/**
 * `gpu-day`: CIFAR-100 results of a real GPU within a given number of minutes: ResNet-18 at full width trained dense, then SNL to 50,000
 * and to 15,000 DReLUs and DReLU sharing with an eighth of the channels as prototypes, all from the dense network.
 *
 * Epochs follow from the minutes and from the measured speed. The plan is written at the first start; the same command later resumes the
 * unfinished training and ends with results.json.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { experimentSchema, type Experiment } from '../../src/domain/experiment.ts';
import { CONFIGURATIONS, macsOf } from '../workload.ts';

const USAGE = `usage: run.sh gpu-day --data PATH --minutes N --out DIR [--images-per-second N]

  --data PATH              CIFAR-100's binary files (train.bin, test.bin), their folder or their archive
  --minutes N              time for everything; epochs follow from it
  --out DIR                runs, plan.json and results.json; the same command resumes
  --images-per-second N    speed of the dense training (measured with the benchmark where it is not given)
`;

const TRAIN_IMAGES = 45_000;
const BATCH = 128;
/** Share of the minutes for each part. The rest is for evaluation, compilation and tuning. */
const SHARES = { dense: 0.35, 'snl-50000': 0.2, 'snl-15000': 0.2, 'share-eighth': 0.2 };
type Part = keyof typeof SHARES;
/** A step with a teacher's forward pass takes a third more. */
const TEACHER_COST = 4 / 3;

interface GpuDayPlan {
  format: 'relu-studio/gpu-day';
  version: 1;
  minutes: number;
  imagesPerSecond: number;
  experiments: Record<Part, Experiment>;
}

const sgd = (learningRate: number) => ({ kind: 'sgd', learningRate, momentum: 0.9, weightDecay: 5e-4 });
const cosine = { kind: 'cosine', floor: 0 };
const phase = (epochs: number, learningRate: number) => ({
  epochs,
  batch: BATCH,
  optimizer: sgd(learningRate),
  schedule: cosine,
});

/** The four experiments that fit into the minutes. @throws RangeError where not even one epoch each fits */
export function gpuDayPlan(minutes: number, imagesPerSecond: number): GpuDayPlan {
  const epochSeconds = TRAIN_IMAGES / imagesPerSecond;
  const epochsOf = (part: Part, cost: number) => Math.floor((SHARES[part] * minutes * 60) / (cost * epochSeconds));
  const dense = epochsOf('dense', 1);
  const snl = epochsOf('snl-50000', TEACHER_COST);
  const share = epochsOf('share-eighth', TEACHER_COST);
  if (dense < 1 || snl < 2 || share < 2)
    throw new RangeError(
      `${minutes} minutes are too few at ${imagesPerSecond.toFixed(0)} images/s: an epoch takes ${epochSeconds.toFixed(0)} s.`,
    );
  const distillation = { temperature: 4, weight: 1 };
  const snlTo = (drelus: number) => ({
    name: 'snl',
    budget: { kind: 'count', drelus },
    granularity: 'pixel',
    lambda: 1e-5,
    kappa: 1.1,
    epsilon: 0.01,
    lambdaHold: 0,
    learningRate: 1e-3,
    maskLearningRate: 1e-3,
    batch: BATCH,
    maxEpochs: Math.ceil(snl / 2),
    checkEverySteps: 50,
    binarise: 'exact',
    distillation,
    finetune: phase(Math.floor(snl / 2), 1e-2),
  });
  const sharing = {
    name: 'deepshare',
    ratios: [0.125, 0.125, 0.125, 0.125, 0.125],
    overrides: {},
    crossLayer: 'off',
    borrow: {},
    affine: true,
    choice: 'first',
    transition: { kind: 'gelu', from: 1, to: 10 },
    soft: phase(Math.ceil(share / 2), 0.05),
    hard: phase(Math.floor(share / 2), 0.01),
    distillation,
  };
  const experiment = (name: string, methods: object[]): Experiment =>
    experimentSchema.parse({
      format: 'relu-studio/experiment',
      version: 1,
      name,
      seed: 1,
      dataset: {
        name: 'cifar-100',
        trainImages: null,
        testImages: null,
        validationShare: 1 - TRAIN_IMAGES / 50_000,
        syntheticSeed: 1,
      },
      augment: { cropPadding: 4, flip: true },
      network: {
        family: 'cifar-resnet',
        blocks: [2, 2, 2, 2],
        widths: [64, 128, 256, 512],
        stemGate: false,
        inputShape: [3, 32, 32],
        classes: 100,
      },
      dense: phase(dense, 0.1),
      methods,
      selection: 'validation',
      engine: { f16: false, microBatch: null },
    });
  return {
    format: 'relu-studio/gpu-day',
    version: 1,
    minutes,
    imagesPerSecond,
    experiments: {
      dense: experiment('GPU day: dense', []),
      'snl-50000': experiment('GPU day: SNL to 50,000 DReLUs', [snlTo(50_000)]),
      'snl-15000': experiment('GPU day: SNL to 15,000 DReLUs', [snlTo(15_000)]),
      'share-eighth': experiment('GPU day: DReLU sharing at 1/8', [sharing]),
    },
  };
}

/** Runs this very program with other arguments. */
const again = (args: string[], capture: boolean) =>
  spawnSync(process.execPath, [process.argv[1], ...args], {
    encoding: 'utf8',
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    maxBuffer: 1 << 26,
  });

/** Images a second in dense training at full width, from the benchmark. */
function measuredSpeed(): number {
  const configuration = CONFIGURATIONS.find(({ name }) => name === 'm64-b128')!;
  const { stdout, status } = again(
    ['bench', '--config', configuration.name, '--contenders', 'studio', '--rounds', '2', '--json'],
    true,
  );
  if (status !== 0) throw new Error('The benchmark failed, so the speed is unknown: give --images-per-second.');
  const { configurations } = JSON.parse(stdout) as {
    configurations: { contenders: { imagesPerSecond: number }[] }[];
  };
  console.log(`${(macsOf(configuration.network) / 1e6).toFixed(0)} MMAC an image`);
  return configurations[0].contenders[0].imagesPerSecond;
}

function planOf(folder: string, minutes: number, speed: number | null): GpuDayPlan {
  const path = join(folder, 'plan.json');
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as GpuDayPlan;
  const plan = gpuDayPlan(minutes, speed ?? measuredSpeed());
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify(plan, null, 2)}\n`);
  return plan;
}

/** @returns the exit code: that of the first training that did not finish (130: interrupted, the same command resumes) */
export function gpuDay(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      minutes: { type: 'string' },
      out: { type: 'string' },
      'images-per-second': { type: 'string' },
    },
  });
  const { data, out } = values;
  const minutes = Number(values.minutes);
  const speed = values['images-per-second'] === undefined ? null : Number(values['images-per-second']);
  if (!data || !out || !(minutes > 0) || (speed !== null && !(speed > 0))) throw new RangeError(USAGE);
  const plan = planOf(out, minutes, speed);
  const results: Record<string, unknown> = {};
  for (const [part, experiment] of Object.entries(plan.experiments)) {
    const file = join(out, `${part}.experiment.json`);
    writeFileSync(file, `${JSON.stringify(experiment, null, 2)}\n`);
    console.log(experiment.name);
    const from = part === 'dense' ? [] : ['--from', join(out, 'dense')];
    const { status, stdout } = again(
      ['train', '--experiment', file, '--data', data, '--out', join(out, part), ...from, '--json'],
      true,
    );
    if (status !== 0) return status ?? 1;
    results[part] = JSON.parse(stdout);
    writeFileSync(join(out, 'results.json'), `${JSON.stringify({ ...plan, results }, null, 2)}\n`);
  }
  console.log(join(out, 'results.json'));
  return 0;
}
