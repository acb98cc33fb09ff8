/**
 * Reads damaged files and reports what a reader must never do: throw an error that it does not promise, write a message that is no
 * short printable sentence, or take longer than two seconds.
 */
import { Random } from '../../src/domain/random.ts';
import type { Target } from './targets.ts';

export const LONGEST_MS = 2000;
const LONGEST_MESSAGE = 500;

export interface Finding {
  target: string;
  /** Round in which it was found first; with the seed it gives the same bytes again. */
  round: number;
  what: string;
}

export interface Hunt {
  rounds: number;
  refused: number;
  findings: Finding[];
  slowestMs: number;
}

/** What is wrong with a message for people; null where nothing is. */
function faultOf(message: string): string | null {
  if (message.length > LONGEST_MESSAGE) return `a message of ${message.length} characters: ${message.slice(0, 120)}…`;
  if (/[\p{Cc}\p{Cs}]/u.test(message))
    return `a message with control characters: ${JSON.stringify(message.slice(0, 200))}`;
  if (/\bundefined\b|\[object |\bNaN\b/.test(message))
    return `a message with the text of a program: ${message.slice(0, 200)}`;
  return message.trim() === '' ? 'an empty message' : null;
}

/**
 * @param seed of the damage: round r of a target is the same file whatever came before it
 * @param until stop early at this time, milliseconds of performance.now()
 */
export async function hunt(target: Target, rounds: number, seed: number, until = Infinity): Promise<Hunt> {
  const findings = new Map<string, Finding>();
  let refused = 0;
  let slowestMs = 0;
  let round = 0;
  const found = (what: string) => {
    // One finding for each kind: numbers and quoted parts differ from file to file.
    const kind = what
      .replace(/\d[\d.,]*/g, '#')
      .replace(/"[^"]*"/g, '"…"')
      .slice(0, 100);
    if (!findings.has(kind)) findings.set(kind, { target: target.name, round, what });
  };
  for (; round < rounds && performance.now() < until; round++) {
    const random = new Random(seed, round);
    const bytes = await target.make(random);
    const start = performance.now();
    try {
      const messages = await target.read(bytes, random);
      if (messages.length > 0) refused++;
      for (const message of messages) {
        const fault = faultOf(message);
        if (fault) found(fault);
      }
    } catch (error) {
      refused++;
      if (!target.refusals.some((kind) => error instanceof kind)) {
        const { name, stack = String(error) } = error as Error;
        found(
          `${name} instead of ${target.refusals.map((kind) => kind.name).join(' or ')}: ${stack.split('\n').slice(0, 4).join(' | ')}`,
        );
      } else {
        const fault = faultOf((error as Error).message);
        if (fault) found(fault);
      }
    }
    const ms = performance.now() - start;
    slowestMs = Math.max(slowestMs, ms);
    if (ms > LONGEST_MS) found(`${(ms / 1000).toFixed(1)} s for a file of ${bytes.length} bytes`);
  }
  return { rounds: round, refused, findings: [...findings.values()], slowestMs };
}
