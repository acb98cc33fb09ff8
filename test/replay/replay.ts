/** Calls replay.py on a traced run. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IMAGES } from './trainTraced.ts';

export interface ReplayReport {
  agrees: boolean;
  problems: string[];
  notes: string[];
}

/** The project's root, whether this file runs from its source or from a bundle in .cache. */
export function projectRoot(): string {
  const here = fileURLToPath(import.meta.url);
  const cache = here.lastIndexOf('.cache');
  return cache >= 0 ? here.slice(0, cache) : join(here, '..', '..', '..');
}

/**
 * @param start folder of the run that this one started from
 * @param write file that gets PyTorch's decisions and losses where it agrees
 * @throws where the script itself failed
 */
export function replay(
  python: string,
  folder: string,
  start: string | null,
  write: string | null = null,
): ReplayReport {
  const script = join(projectRoot(), 'test', 'pytorch', 'replay.py');
  const args = [script, folder, '--images', join(folder, IMAGES)];
  if (start !== null) args.push('--from', start);
  if (write !== null) args.push('--write', write);
  const { stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', timeout: 300_000, maxBuffer: 1 << 26 });
  try {
    return JSON.parse(stdout) as ReplayReport;
  } catch {
    throw new Error(`replay.py failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
  }
}
