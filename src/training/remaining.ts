/**
 * How many steps a phase still takes, and how long the run does. A phase that ends by a count of DReLUs is estimated from the
 * fall of that count; before it falls steadily there is no estimate.
 */

/** Readings of the DReLU count that the fall is taken from, and the fewest that give an estimate. */
const TREND = { most: 24, least: 12 };

/** DReLUs after a step. */
export interface CountAfter {
  step: number;
  drelus: number;
}

/** The last readings with one more. */
export const withReading = (trend: readonly CountAfter[], reading: CountAfter): CountAfter[] =>
  [...trend, reading].slice(-TREND.most);

/**
 * Steps until the count reaches `target` if it goes on falling as over `trend`; null while it does not fall or readings are few.
 */
export function stepsToTarget(trend: readonly CountAfter[], target: number): number | null {
  if (trend.length < TREND.least) return null;
  const first = trend[0];
  const last = trend[trend.length - 1];
  const fallen = first.drelus - last.drelus;
  if (fallen <= 0) return null;
  return (Math.max(0, last.drelus - target) * (last.step - first.step)) / fallen;
}

/** A phase's planned work. */
export interface PhaseWork {
  epochs: number;
  stepsPerEpoch: number;
  batch: number;
  /** True where a check may end the phase before its planned epochs: how long it takes is not known before. */
  openEnded: boolean;
}

/** Steps that the phase has planned after this one. */
export const plannedStepsLeft = (
  { epochs, stepsPerEpoch }: Pick<PhaseWork, 'epochs' | 'stepsPerEpoch'>,
  { epoch, stepInEpoch }: { epoch: number; stepInEpoch: number },
): number => (epochs - epoch) * stepsPerEpoch - stepInEpoch;

/**
 * Seconds left of the run; of the current phase only where an open-ended phase still comes. Later phases are assumed to take as
 * long per image as the current one.
 * @param stepsHere steps left in the current phase; null where not known
 * @param secondsPerStep of the current phase; null where not known
 */
export function timeLeft(
  stepsHere: number | null,
  secondsPerStep: number | null,
  batch: number,
  later: readonly PhaseWork[],
): { secondsLeft: number | null; leftOf: 'run' | 'phase' } {
  const leftOf = later.some(({ openEnded }) => openEnded) ? 'phase' : 'run';
  if (secondsPerStep === null || stepsHere === null) return { secondsLeft: null, leftOf };
  const imagesLater = later.reduce((sum, next) => sum + next.epochs * next.stepsPerEpoch * next.batch, 0);
  const images = stepsHere * batch + (leftOf === 'run' ? imagesLater : 0);
  return { secondsLeft: images * (secondsPerStep / batch), leftOf };
}
