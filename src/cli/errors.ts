/** Which errors mean invalid input (exit code 2), and which a failed run (1). */
import { GateMapError } from '../domain/errors.ts';
import { MasksFileError } from '../domain/masksFile.ts';
import { UnknownNetworkError } from '../domain/recogniseNetwork.ts';
import { DataError } from '../data/types.ts';
import { ImagesError } from '../engine/errors.ts';
import { WeightsError } from '../engine/weights.ts';
import { UnsupportedNetwork } from '../inference/errors.ts';
import { CheckpointError, PlanError } from '../training/errors.ts';
import { fileSentence } from './files.ts';
import { FixtureError } from '../engine/selfCheck/fixtureFile.ts';

/** Invalid arguments; the message says which and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ended by Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export const EXIT = { done: 0, failed: 1, input: 2, interrupted: 130 } as const;

const INPUT_ERRORS = [
  UsageError,
  GateMapError,
  MasksFileError,
  UnknownNetworkError,
  DataError,
  WeightsError,
  ImagesError,
  CheckpointError,
  PlanError,
  FixtureError,
  UnsupportedNetwork,
];
const FILE_CODES = new Set(['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR', 'EEXIST', 'EPERM', 'EROFS', 'ENAMETOOLONG']);

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  // The benchmark is outside src and has its own class.
  if (error instanceof Error && error.name === 'BenchUsageError') return EXIT.input;
  if (INPUT_ERRORS.some((kind) => error instanceof kind)) return EXIT.input;
  return FILE_CODES.has((error as NodeJS.ErrnoException).code ?? '') ? EXIT.input : EXIT.failed;
}

/** The message on one line. */
export const oneLine = (error: unknown): string =>
  (fileSentence(error) ?? (error instanceof Error ? error.message : String(error))).replace(/\s*\n\s*/g, ' ');
