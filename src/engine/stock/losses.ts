/**
 * Losses in tfjs's own ops; each a scalar. (λ·Σ|α| is not among them: its gradient λ·sign(α) needs no autodiff.)
 *
 *   cross entropy   −mean over images of log softmax(logits)[label]
 *   distillation    T² · mean over images of KL(softmax(teacher / T) || softmax(student / T))     (Hinton 2015)
 */
import * as tf from '@tensorflow/tfjs';

export function crossEntropy(logits: tf.Tensor2D, oneHotLabels: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(oneHotLabels, tf.logSoftmax(logits)), 1)));
}

export function distillation(student: tf.Tensor2D, teacher: tf.Tensor2D, temperature: number): tf.Scalar {
  const target = tf.logSoftmax(tf.div(teacher, temperature));
  const distance = tf.sub(target, tf.logSoftmax(tf.div(student, temperature)));
  return tf.mul(temperature * temperature, tf.mean(tf.sum(tf.mul(tf.exp(target), distance), 1)));
}
