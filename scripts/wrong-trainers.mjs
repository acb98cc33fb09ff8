/**
 * Ten wrong trainers, each of which the replay must refuse:
 *
 *   node scripts/wrong-trainers.mjs [--gpu] [PART OF A NAME]
 *
 * Each fault is made in a copy of the sources; a tiny run is trained there with its trace (on tfjs's CPU backend, or on a GPU)
 * and replayed in PyTorch. Before that the sources without a fault must be agreed with. Exit 1 where a fault is not refused.
 */
import { join } from 'node:path';
import { AlteredSources, runProgram } from './altered.mjs';

const fault = (name, run, ...edits) => ({ name, run, edits });

/** Each with its tiny run and its edits: file, text, replacement. */
const FAULTS = [
  fault('distillation inverted', 'culled and thinned', [
    'src/training/run.ts',
    'return phase.distillation !== null && this.tensors.teacher !== null;',
    'return !(phase.distillation !== null && this.tensors.teacher !== null);',
  ]),
  fault('teacher taken after the masks', 'SNL, threshold, counted per epoch', [
    'src/training/phaseStart.ts',
    '  chooseTeacher(run, phase);\n',
    "  chooseTeacher(run, phase);\n  if (phase.info.kind === 'finetune') run.set(teacherTaken(run.value));\n",
  ]),
  fault('lambda grown before the hold', 'SNL, threshold, counted per epoch', [
    'src/training/methods/snl.ts',
    'epoch >= lambdaHold',
    'epoch >= 0 * lambdaHold',
  ]),
  fault('weight decay in the mask stage', 'SNL, threshold, counted per epoch', [
    'src/training/methods/snl.ts',
    'weightDecay: 0 }',
    'weightDecay: 5e-4 }',
  ]),
  fault(
    'momentum kept across phases',
    'thinned, then SNL',
    [
      'src/training/phaseStart.ts',
      '  const engine = await openEngine(run, phase, start.gates, start.weights);\n',
      "  const engine = await openEngine(run, phase, start.gates, start.weights);\n  if (run.tensors.optimizer && phase.info.kind === 'train') engine.setOptimizerState(run.tensors.optimizer);\n",
    ],
    [
      'src/training/transitions.ts',
      '    sums: NO_SUMS,\n  },\n  tensors: { ...tensors, optimizer: null, best: null },\n});',
      '    sums: NO_SUMS,\n  },\n  tensors: { ...tensors, best: null },\n});',
    ],
  ),
  fault('the last epoch instead of the best', 'dense', [
    'src/training/selection.ts',
    '  return selection;\n',
    "  return 'last';\n",
  ]),
  fault('milestones off by one', 'dense', ['src/training/schedules.ts', 'milestone <= epoch', 'milestone < epoch']),
  fault('masks of the wrong site', 'SNL, threshold, counted per epoch', [
    'src/training/binarise.ts',
    'data: bits[i] }',
    'data: bits.find((other, j) => j !== i && other.length === bits[i].length) ?? bits[i] }',
  ]),
  fault('affine frozen', 'sharing, GELU to ReLU', [
    'src/training/methods/rule.ts',
    'trainAffine: true',
    'trainAffine: false',
  ]),
  fault('test images in the selection', 'dense', [
    'src/training/epochEnd.ts',
    'const validation = await run.evaluate(engine, data.validation, soft);',
    'const validation = await run.evaluate(engine, data.test, soft);',
  ]),
];

const given = process.argv.slice(2);
const wanted = given.find((argument) => !argument.startsWith('--')) ?? '';
const device = given.includes('--gpu') ? [] : ['--cpu'];
const copy = new AlteredSources('wrong-trainers');
const out = join(copy.path, 'out');

const replayed = (run) =>
  runProgram(process.execPath, ['scripts/run.mjs', 'test/replay/main.ts', ...device, '--replay', out, run], {
    cwd: copy.path,
    seconds: 300,
  });

let failed = 0;
const faults = FAULTS.filter(({ name }) => name.includes(wanted));
for (const run of new Set(faults.map(({ run }) => run))) {
  const { code, output } = await replayed(run);
  if (code === 0) continue;
  failed++;
  console.log(`✗ without a fault: ${run}\n${output}`);
}
for (const { name, run, edits } of faults) {
  const { code, output } = await copy.with(edits, () => replayed(run));
  const refused = output.match(/^ {4}(?!note:)(.*)$/m)?.[1];
  // Refused by the replay, not by a crash: the run is named with its disagreements.
  const good = code === 1 && output.includes(`✗ ${run}`) && refused !== undefined && !/^\w*Error/.test(refused);
  if (!good) failed++;
  console.log(`${good ? '✓ refused' : '✗ NOT REFUSED'}: ${name} (${run})\n    ${good ? refused : output.trim()}`);
}
console.log(`${faults.length} wrong trainers, ${failed === 0 ? 'each refused' : `${failed} failures`}`);
process.exit(failed === 0 ? 0 : 1);
