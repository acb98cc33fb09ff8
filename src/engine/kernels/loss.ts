/**
 * Softmax cross entropy with distillation, and its gradient.
 *
 *   loss_n  = −log softmax(s)_label  +  w · T² · KL(softmax(t / T) ‖ softmax(s / T))
 *   ds      = (softmax(s) − onehot) · g  +  w · T · (softmax(s / T) − softmax(t / T)) · g,   g = 1 / images of the step
 *
 * One thread per image. Logits, the teacher's too, and the sample numbers (cross entropy, distillation, right, 1) of a step's micro batches
 * lie one after the other, row hyper.row + n; samples are summed once per step.
 * Ties of the largest logit go to the first class, as argmax does.
 */
import { defineKernel, type Kernel } from '../gpu/kernel.ts';

export function lossKernel(teacher: boolean, gradient: boolean): Kernel {
  return defineKernel({
    key: `loss${teacher ? ' with teacher' : ''}${gradient ? ' and gradient' : ''}`,
    dims: ['batch', 'classes'],
    hyper: true,
    buffers: [
      ['logits', 'read', 'f32'],
      ['labels', 'read', 'u32'],
      ...(teacher ? ([['soft', 'read', 'f32']] as const) : []),
      ['samples', 'write', 'vec4f'],
      ...(gradient ? ([['dlogits', 'write', 'f32']] as const) : []),
    ],
    workgroup: [64],
    body: `
  let n = gid.x;
  if (n >= dims.batch) { return; }
  let at = (hyper.row + n) * dims.classes;
  let label = labels[n];
  var top = logits[at];
  var best = 0u;
  ${teacher ? 'var softTop = soft[at];' : ''}
  for (var k = 1u; k < dims.classes; k++) {
    if (logits[at + k] > top) { top = logits[at + k]; best = k; }
    ${teacher ? 'softTop = max(softTop, soft[at + k]);' : ''}
  }
  var sum = 0.0;
  ${teacher ? 'let cool = 1.0 / hyper.temperature;\n  var studentSum = 0.0;\n  var teacherSum = 0.0;' : ''}
  for (var k = 0u; k < dims.classes; k++) {
    sum += exp(logits[at + k] - top);
    ${teacher ? 'studentSum += exp((logits[at + k] - top) * cool);\n    teacherSum += exp((soft[at + k] - softTop) * cool);' : ''}
  }
  let crossEntropy = log(sum) - (logits[at + label] - top);
  var distillation = 0.0;
  for (var k = 0u; k < dims.classes; k++) {
    let p = exp(logits[at + k] - top) / sum;
    ${gradient ? 'var d = p - select(0.0, 1.0, k == label);' : ''}
    ${
      teacher
        ? `let studentLog = (logits[at + k] - top) * cool - log(studentSum);
    let teacherLog = (soft[at + k] - softTop) * cool - log(teacherSum);
    let q = exp(teacherLog);
    distillation += q * (teacherLog - studentLog);
    ${gradient ? 'd += hyper.distillWeight * hyper.temperature * (exp(studentLog) - q);' : ''}`
        : ''
    }
    ${gradient ? 'dlogits[n * dims.classes + k] = d * hyper.gradientScale;' : ''}
  }
  ${teacher ? 'distillation *= hyper.distillWeight * hyper.temperature * hyper.temperature;' : ''}
  samples[hyper.row + n] = vec4<f32>(crossEntropy, distillation, select(0.0, 1.0, best == label), 1.0);`,
  });
}
