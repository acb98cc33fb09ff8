/**
 * A training step as lists that are recorded once: forward, loss and backward of a micro batch, the teacher before them, and the
 * update behind the last one. Loss, accuracy and penalties add up on the GPU until `metrics` asks.
 */
import type { GateMap } from '../../domain/gateMap.ts';
import type { EngineSettings, StepMetrics, StepSettings, TensorMap } from '../api.ts';
import { lossKernel } from '../kernels/loss.ts';
import { metricsKernel, TOTALS } from '../kernels/metrics.ts';
import type { Slice } from '../gpu/memory.ts';
import type { ProfileRow, Recording } from '../gpu/recording.ts';
import type { EvaluatorBuffers } from './evaluator.ts';
import { divide } from './geometry.ts';
import { softHyper, stepHyper } from './hyper.ts';
import { foldDispatch, placeNetwork } from './networkState.ts';
import type { OrderedImages } from './orderedImages.ts';
import { pad4 } from './parameters.ts';
import { TrainingPlan } from './planBackward.ts';
import { ForwardPlan, type NetworkState, type PlanContext } from './planForward.ts';
import type { Submitter } from './submitter.ts';
import { addOptimizer } from './updatePlan.ts';

export class TrainingStep {
  /** Images, labels and sample numbers of a pass; evaluation, which never runs at the same time, uses them too. */
  readonly buffers: EvaluatorBuffers;
  readonly #pass: Recording;
  readonly #update: Recording;
  #teacher: Recording | null = null;
  /** Of the whole step, micro batch after micro batch. */
  readonly #logits: Slice;
  readonly #teacherLogits: Slice | null;
  readonly #totals: Slice;

  constructor(
    private readonly context: PlanContext,
    private readonly submitter: Submitter,
    state: NetworkState,
    private readonly settings: EngineSettings,
  ) {
    const { memory, batch: micro } = context;
    const { network, batch, teacher } = settings;
    const [channels, height, width] = network.inputShape;
    const images = memory.allocate(4 * micro * height * width * pad4(channels), 'batch');
    const labels = memory.allocate(4 * micro, 'batch labels');
    const samples = memory.allocate(16 * batch, 'samples');
    this.#totals = memory.allocate(4 * TOTALS, 'totals');
    const dlogits = memory.allocate(4 * micro * network.classes, 'gradient of the logits');
    this.#logits = memory.allocate(4 * batch * network.classes, 'logits');
    this.#teacherLogits = teacher ? memory.allocate(4 * batch * network.classes, 'teacher logits') : null;

    this.#pass = context.record();
    const plan = new TrainingPlan(context, this.#pass, state, images, this.#logits);
    plan.forward('train');
    this.#pass.add({
      label: 'loss',
      kernel: lossKernel(this.#teacherLogits !== null, true),
      dims: { batch: micro, classes: network.classes },
      buffers: {
        logits: this.#logits,
        labels,
        samples,
        dlogits,
        ...(this.#teacherLogits ? { soft: this.#teacherLogits } : {}),
      },
      grid: [divide(micro, 64), 1, 1],
    });
    plan.backward(dlogits);
    plan.release();

    this.#update = context.record();
    const penalties = addOptimizer(memory, this.#update, state);
    this.#update.add({
      label: 'metrics',
      kernel: metricsKernel,
      dims: { penaltyCount: penalties.count, evaluation: 0 },
      buffers: { samples, penalties: penalties.slice, totals: this.#totals },
      grid: [1, 1, 1],
    });
    this.buffers = { images, labels, samples, penalties: penalties.slice };
  }

  get recordings(): Recording[] {
    return [this.#pass, this.#update, ...(this.#teacher ? [this.#teacher] : [])];
  }

  setTeacher(weights: TensorMap, gates: GateMap): void {
    if (!this.#teacherLogits) throw new Error('This engine was made without a teacher: set settings.teacher.');
    if (this.#teacher) throw new Error('The teacher of an engine is set once.');
    const { memory, batch } = this.context;
    const state = placeNetwork(memory, this.settings.network, gates, batch, ['parameters'], 'teacher');
    state.parameters.write('parameters', weights);
    const recording = this.context.record();
    recording.add(foldDispatch(memory, state).dispatch);
    const plan = new ForwardPlan(this.context, recording, state, this.buffers.images, this.#teacherLogits);
    plan.forward('evaluate');
    plan.release();
    this.#teacher = recording;
  }

  /**
   * Enqueues the step on the images from `at` on.
   * @param updates steps of the optimizer before this one
   * @returns GPU dispatches
   */
  run(images: OrderedImages, at: number, settings: StepSettings, updates: number): number {
    if (settings.distillation && !this.#teacher)
      throw new Error('Distillation needs a teacher: call setTeacher first.');
    const { batch } = this.settings;
    const micro = this.context.batch;
    const hyper = stepHyper(settings, batch, updates);
    let dispatches = 0;
    for (let row = 0; row < batch; row += micro) {
      const numbers = { ...hyper, at: at + row, row, accumulate: row > 0 ? 1 : 0 };
      const last = row + micro >= batch ? [this.#update] : [];
      if (settings.distillation) {
        // The teacher sees through hard gates whatever the student's are.
        this.submitter.write({ ...numbers, ...softHyper(null) });
        dispatches += this.submitter.submit(images.gather, this.#teacher!);
        this.submitter.write(numbers);
        dispatches += this.submitter.submit(this.#pass, ...last);
      } else {
        this.submitter.write(numbers);
        dispatches += this.submitter.submit(images.gather, this.#pass, ...last);
      }
    }
    return dispatches;
  }

  async metrics(reset: boolean): Promise<StepMetrics> {
    const { memory } = this.context;
    const pending = memory.read(this.#totals, 4 * TOTALS);
    // Queued behind the copy, so steps enqueued after this call start from zero.
    if (reset) memory.device.queue.writeBuffer(this.#totals.buffer, 0, new Float32Array(TOTALS));
    const totals = new Float32Array(await this.submitter.guard(pending));
    const [steps, images, crossEntropy, distillation, penalty, right, broken] = totals;
    const mean = (sum: number) => (steps > 0 ? sum / steps : 0);
    return {
      steps,
      images,
      loss: mean(crossEntropy + distillation + penalty),
      crossEntropy: mean(crossEntropy),
      distillation: mean(distillation),
      penalty: mean(penalty),
      accuracy: images > 0 ? right / images : 0,
      finite: broken === 0,
    };
  }

  async logits(): Promise<Float32Array> {
    const { batch, network } = this.settings;
    return new Float32Array(
      await this.submitter.guard(this.context.memory.read(this.#logits, 4 * batch * network.classes)),
    );
  }

  /** Where the time of one step (of its first micro batch) goes, by GPU timestamps. */
  async profile(images: OrderedImages, at: number, settings: StepSettings, updates: number): Promise<ProfileRow[]> {
    this.submitter.write({ ...stepHyper(settings, this.settings.batch, updates), at });
    return [...(await images.gather.profile()), ...(await this.#pass.profile()), ...(await this.#update.profile())];
  }
}
