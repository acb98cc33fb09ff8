/** The command line's help, its errors with their exit codes, `count`, `equalize`, run folders and progress output. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { presetOf } from '../domain/presets.ts';
import { main } from './commands.ts';
import { EXIT, exitCodeOf, oneLine } from './errors.ts';
import { ProgressLines } from './progress.ts';
import { RunFolder } from './runFolder.ts';

const folder = mkdtempSync(join(tmpdir(), 'relu-studio-cli-'));

function written(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** What a command prints, its exit code, and the one line that it would write on standard error. */
async function run(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  try {
    return { code: await main(args), out, error: '' };
  } catch (error) {
    return { code: exitCodeOf(error), out, error: oneLine(error) };
  } finally {
    vi.restoreAllMocks();
  }
}

afterEach(() => vi.restoreAllMocks());

describe('bad arguments give exit code 2 and one sentence', () => {
  const experiment = written('dense.json', presetOf('dense-quick'));
  const broken = written('broken.json', '{"format": ');
  const wrong = written('wrong.json', {
    ...presetOf('dense-quick'),
    network: { ...presetOf('dense-quick').network, widths: [8, 16, 0, 64] },
  });
  const dense = presetOf('dense-quick');
  const grey = written('grey.json', {
    ...dense,
    network: { ...dense.network, inputShape: [1, 32, 32] },
    dataset: { ...dense.dataset, trainImages: 100, testImages: 10 },
  });
  const deepshare = presetOf('deepshare-quick');
  const borrowing = written('borrowing.json', {
    ...deepshare,
    methods: deepshare.methods.map((method) => ({
      ...method,
      crossLayer: 'custom',
      borrow: { 'layer1.0.gate1': 'layer1.0.gate2' },
    })),
  });
  const cases: [string, string[], string][] = [
    ['no command', [], 'A command is missing'],
    ['an unknown command', ['trian'], 'There is no command "trian"'],
    ['an unknown option', ['count', '--expriment', experiment], "Unknown option '--expriment'"],
    ['a missing option', ['train', '--experiment', experiment], '--out is missing'],
    ['a missing experiment', ['count'], '--experiment is missing'],
    ['a missing file', ['count', '--experiment', join(folder, 'nowhere.json')], 'there is no such file'],
    ['a folder', ['count', '--experiment', folder], 'this is a folder'],
    ['no JSON', ['count', '--experiment', broken], 'this is not JSON'],
    ['a wrong field', ['count', '--experiment', wrong], 'network.widths[2]'],
    [
      'missing data',
      ['train', '--experiment', experiment, '--out', join(folder, 'x'), '--data', join(folder, 'gone')],
      'there is no such file or folder',
    ],
    [
      'data of another kind',
      ['train', '--experiment', experiment, '--out', join(folder, 'x'), '--data', experiment],
      'dense.json',
    ],
    ['an unfinished run', ['eval', '--run', folder, '--data', 'synthetic'], 'the run has not finished'],
    ['an unknown split', ['eval', '--run', folder, '--split', 'half'], '--split is test, validation or train'],
    ['no numbers', ['equalize', '--blocks', '2,2,x', '--order', '1,2,3'], '--blocks takes whole numbers'],
    ['an order that is none', ['equalize', '--blocks', '2,2,2,2', '--order', '1,2,3'], ''],
    [
      'a multiplier that is not whole',
      ['equalize', '--blocks', '2,2', '--order', '2,1', '--min', '2.5'],
      '--min takes a whole',
    ],
    [
      'a number of solutions that is none',
      ['equalize', '--blocks', '2,2', '--order', '2,1', '--others', 'x'],
      '--others takes',
    ],
    ['a negative number', ['equalize', '--blocks', '2,-2', '--order', '2,1'], '--blocks takes whole numbers'],
    [
      'more threads than were measured',
      ['count', '--experiment', experiment, '--threads', '18'],
      'from 1 to 17, not "18"',
    ],
    [
      'a bandwidth of nothing',
      ['count', '--experiment', experiment, '--upload', ''],
      '--upload takes a number above 0',
    ],
    [
      'a site that borrows from a later one',
      ['count', '--experiment', borrowing],
      'borrowing.json: layer1.0.gate1: it cannot borrow',
    ],
    [
      'images of another size',
      ['train', '--experiment', grey, '--out', join(folder, 'y')],
      'the network takes 1×32×32',
    ],
    [
      'no data after --data',
      ['train', '--experiment', experiment, '--data', '--out', folder],
      '--data lacks its value',
    ],
    ['an experiment for a run', ['eval', '--run', experiment], 'its format is "relu-studio/experiment"'],
    ['no fixture', ['fixture'], 'A folder is missing'],
    ['a fixture that is not there', ['fixture', join(folder, 'gone')], 'fixture.json: there is no such file'],
    [
      'a folder below a file',
      ['train', '--experiment', experiment, '--out', join(broken, 'x')],
      'a part of this path is a file',
    ],
    ['a wrong side', ['count', '--experiment', experiment, '--garbler', 'both'], '--garbler is server or client'],
  ];
  it.each(cases)('%s', async (_, args, sentence) => {
    const { code, out, error } = await run(...args);
    expect(error).toContain(sentence);
    expect(error).not.toContain('\n');
    expect(error.length).toBeGreaterThan(10);
    expect(code).toBe(EXIT.input);
    expect(out).toBe('');
  });
});

describe('help', () => {
  it.each(['count', 'train', 'eval', 'equalize', 'bench', 'fixture'])('of %s lists its options', async (command) => {
    const { code, out } = await run(command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`usage: relu-studio ${command}`);
  });

  it('lists the commands and exit codes', async () => {
    const { out } = await run('--help');
    for (const word of ['count', 'train', 'eval', 'equalize', 'bench', 'fixture', '130']) expect(out).toContain(word);
  });
});

describe('count', () => {
  it('prints the counts of the paper’s ResNet-18 as JSON', async () => {
    const experiment = { ...presetOf('snl-paper-cifar100') };
    const { code, out } = await run('count', '--experiment', written('paper.json', experiment), '--json');
    expect(code).toBe(0);
    const { total, stages, sites } = JSON.parse(out) as {
      total: { drelus: number; macs: number; parameters: number; budget: number };
      stages: { drelus: number }[];
      sites: unknown[];
    };
    expect(total).toMatchObject({ drelus: 491_520, parameters: 11_220_132, budget: 15_000 });
    expect(Math.round(total.macs / 1e5) / 10).toBe(555.5);
    expect(stages.map(({ drelus }) => drelus)).toEqual([0, 262_144, 131_072, 65_536, 32_768]);
    expect(sites).toHaveLength(16);
  });

  it('counts shared gates: an eighth of the channels leaves 61,440', async () => {
    const { out } = await run('count', '--experiment', written('share.json', presetOf('deepshare-cifar100')), '--json');
    expect((JSON.parse(out) as { total: { drelus: number; multiplications: number } }).total).toMatchObject({
      drelus: 61_440,
      multiplications: 491_520,
    });
  });
});

describe('equalize', () => {
  it('finds the four HybReNets of ResNet-18', async () => {
    const { out } = await run('equalize', '--blocks', '2,2,2,2', '--order', '3,2,4,1', '--json');
    const { solutions } = JSON.parse(out) as { solutions: { multipliers: number[]; widths: number[] }[] };
    expect(solutions.map(({ multipliers }) => multipliers.join('-'))).toEqual(['5-5-3', '5-7-2', '6-6-2', '7-5-2']);
    expect(solutions[0].widths).toEqual([16, 80, 400, 1200]);
  });
});

describe('a run’s folder', () => {
  it('refuses another experiment in one sentence', async () => {
    const home = new RunFolder(join(folder, 'run'));
    await home.create();
    const data = { train: 1, validation: 1, test: 1, sha256: '0' };
    await home.writeRun({
      format: 'relu-studio/run',
      version: 1,
      experiment: presetOf('dense-quick'),
      status: 'stopped',
      createdAt: '2026-11-21T08:00:00Z',
      data,
      from: null,
    });
    expect(await home.existing(presetOf('dense-quick'))).toMatchObject({ status: 'stopped', data });
    const { code, error } = await run(
      'train',
      '--experiment',
      written('snl.json', presetOf('snl-quick')),
      '--data',
      'synthetic',
      '--out',
      home.path,
    );
    expect(error).toContain('holds a run of another experiment ("Dense quick"): choose another folder');
    expect(code).toBe(EXIT.input);
  });

  it('keeps only the metrics up to the checkpoint', async () => {
    const home = new RunFolder(join(folder, 'metrics'));
    await home.create();
    const record = (epoch: number) => ({ phase: 'dense', epoch }) as Parameters<RunFolder['addEpoch']>[0];
    await home.addEpoch(record(0));
    await home.addEpoch(record(1));
    await home.restartMetrics([record(0)]);
    await home.addEpoch(record(1));
    const lines = readFileSync(join(home.path, 'metrics.jsonl'), 'utf8').trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { epoch: number }).epoch)).toEqual([0, 1]);
  });
});

describe('progress', () => {
  const events = (lines: ProgressLines) => {
    lines.onEvent({
      type: 'phase',
      phase: { id: 'snl-masks', method: 'snl', kind: 'masks', title: 'SNL mask stage', epochs: 9, stepsPerEpoch: 50 },
    });
    lines.onEvent({
      type: 'step',
      record: {
        step: 10,
        phase: 'snl-masks',
        epoch: 0,
        loss: 1.5,
        crossEntropy: 1,
        distillation: 0.4,
        penalty: 0.1,
        accuracy: 0.625,
        learningRate: 1e-3,
        lambda: 1.1e-5,
        drelus: 23_687,
        imagesPerSecond: 200,
      },
    });
    lines.onEvent({
      type: 'progress',
      phase: 'snl-masks',
      epoch: 0,
      stepInEpoch: 10,
      stepsPerEpoch: 50,
      secondsLeft: 600,
      imagesPerSecond: 212.3,
    });
  };

  it('rewrites one line on a terminal, with the remaining time', () => {
    let out = '';
    events(new ProgressLines({ isTTY: true, columns: 200, write: (text) => (out += text) }));
    expect(out.split('\n')).toHaveLength(2);
    expect(out).toContain(
      '\r\x1b[2KSNL mask stage 1/9  step 10/50  loss 1.500  62.5 %  23,687 DReLUs  λ 0.000011  212 images/s  10 min left',
    );
  });

  it('writes one line per epoch and at most one every 30 s without a terminal', () => {
    let out = '';
    let now = 0;
    const lines = new ProgressLines({ write: (text) => (out += text) }, () => now);
    events(lines);
    expect(out).toBe('SNL mask stage: at most 9 epochs of 50 steps\n');
    now = 31_000;
    lines.onEvent({
      type: 'progress',
      phase: 'snl-masks',
      epoch: 0,
      stepInEpoch: 20,
      stepsPerEpoch: 50,
      secondsLeft: null,
      imagesPerSecond: null,
    });
    expect(out.split('\n')).toHaveLength(3);
    expect(out).not.toContain('\x1b');
  });
});
