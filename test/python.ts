/** A Python with PyTorch, for the checks that need one; null, with one line said, where there is none. */
import { execFileSync } from 'node:child_process';

function works(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore', timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

let found: string | null | undefined;

/** RELU_STUDIO_PYTHON, else python3 on the path, else the system's own. */
export function pythonWithTorch(): string | null {
  if (found === undefined) {
    const candidates = [process.env.RELU_STUDIO_PYTHON, 'python3', '/usr/bin/python3'].filter(
      (python) => python !== undefined,
    );
    found = candidates.find(works) ?? null;
    if (!found)
      console.log(
        'No python3 with torch and numpy here: the PyTorch checks are skipped (Debian: apt-get install python3-torch).',
      );
  }
  return found;
}

/** Runs a script; throws with what it wrote where it fails. Returns its standard output. */
export function runPython(python: string, script: string, args: string[]): string {
  return execFileSync(python, [script, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    maxBuffer: 1 << 26,
  });
}
