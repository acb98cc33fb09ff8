/**
 * Progress on standard error: one line that rewrites itself on a terminal; otherwise one line per epoch, and one every
 * PLAIN_SECONDS within long epochs.
 */
import type { EpochRecord, PhaseInfo, RunEvent, StepRecord } from '../training/events.ts';

/** Seconds between plain lines within an epoch. */
const PLAIN_SECONDS = 30;

const whole = (n: number) => Math.round(n).toLocaleString('en');
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
/** A number to three significant digits. */
const brief = (value: number) => Number(value.toPrecision(3)).toString();

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** "masks binarized, 3,072 kept: validation 23.3% before, 15.0% after", without the accuracies where there is no validation split. */
function switchText({ what, detail, before, after }: Extract<RunEvent, { type: 'switch' }>): string {
  const change = detail === undefined ? what : `${what}, ${detail}`;
  return before && after
    ? `  ${change}: validation ${percent(before.accuracy)} before, ${percent(after.accuracy)} after`
    : `  ${change}`;
}

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export class ProgressLines {
  #phase: PhaseInfo | null = null;
  #record: StepRecord | null = null;
  #live = false;
  #lastPlain = -Infinity;

  constructor(
    private readonly out: Output,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Writes a permanent line. */
  line(text: string): void {
    this.#clear();
    this.out.write(`${text}\n`);
  }

  /** Writes a line that the next one replaces. Does nothing without a terminal. */
  transient(text: string): void {
    if (!this.out.isTTY) return;
    const room = Math.max(20, (this.out.columns ?? 80) - 1);
    this.out.write(`\r\x1b[2K${text.slice(0, room)}`);
    this.#live = true;
  }

  #clear(): void {
    if (this.#live) this.out.write('\r\x1b[2K');
    this.#live = false;
  }

  /** Clears a transient line. */
  end(): void {
    this.#clear();
  }

  onEvent(event: RunEvent): void {
    switch (event.type) {
      case 'phase':
        this.#phase = event.phase;
        this.#record = null;
        this.#lastPlain = this.now();
        if (event.phase.epochs > 0)
          this.line(
            `${event.phase.title}: ${event.phase.kind === 'masks' ? 'at most ' : ''}${event.phase.epochs} epochs of ${event.phase.stepsPerEpoch} steps`,
          );
        return;
      case 'compiling':
        this.transient(`Compiling shaders ${event.done}/${event.total}`);
        return;
      case 'step':
        this.#record = event.record;
        return;
      case 'progress':
        this.#progress(event);
        return;
      case 'epoch':
        this.line(this.#epochText(event.record));
        this.#lastPlain = this.now();
        return;
      case 'switch':
        this.line(switchText(event));
        return;
      case 'warning':
        this.line(`  note: ${event.message}`);
        return;
      case 'status':
        if (event.status === 'evaluating') this.transient('Evaluating');
        return;
      default:
        return;
    }
  }

  #progress({
    epoch,
    stepInEpoch,
    stepsPerEpoch,
    secondsLeft,
    leftOf,
    imagesPerSecond,
  }: Extract<RunEvent, { type: 'progress' }>): void {
    if (!this.#phase || !this.#record) return;
    const { loss, accuracy, drelus, lambda } = this.#record;
    const text = [
      `${this.#phase.title} ${epoch + 1}/${this.#phase.epochs}`,
      `step ${stepInEpoch}/${stepsPerEpoch}`,
      `loss ${loss.toFixed(3)}`,
      percent(accuracy),
      ...(lambda === null ? [] : [`${whole(drelus)} DReLUs`, `λ ${brief(lambda)}`]),
      ...(imagesPerSecond === null ? [] : [`${brief(imagesPerSecond)} images/s`]),
      ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left${leftOf === 'phase' ? ' in this phase' : ''}`]),
    ].join('  ');
    if (this.out.isTTY) this.transient(text);
    else if (this.now() - this.#lastPlain > 1000 * PLAIN_SECONDS) {
      this.#lastPlain = this.now();
      this.line(`  ${text}`);
    }
  }

  #epochText(record: EpochRecord): string {
    const { train, validation, test, drelus, lambda, seconds, epoch } = record;
    return [
      `  epoch ${epoch + 1}/${this.#phase?.epochs ?? '?'}`,
      `loss ${train.loss.toFixed(3)}`,
      `train ${percent(train.accuracy)}`,
      ...(validation ? [`validation ${percent(validation.accuracy)}`] : []),
      ...(test ? [`test ${percent(test.accuracy)}`] : []),
      `${whole(drelus)} DReLUs`,
      ...(lambda === null ? [] : [`λ ${brief(lambda)}`]),
      duration(seconds),
    ].join('  ');
  }
}
