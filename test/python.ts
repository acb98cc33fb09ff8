/** A Python with PyTorch, for the checks against it. Where there is none, one line says that they are skipped. */
import { execFileSync } from 'node:child_process';

function hasTorch(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore', timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}

let found: string | null | undefined;

/** RELU_STUDIO_PYTHON, else python3 on the path, else /usr/bin/python3; null where none has torch and numpy. */
export function pythonWithTorch(): string | null {
  if (found === undefined) {
    const candidates = [process.env.RELU_STUDIO_PYTHON, 'python3', '/usr/bin/python3'].filter(
      (python) => python !== undefined,
    );
    found = candidates.find(hasTorch) ?? null;
    if (!found)
      console.log(
        'Skipped: the checks against PyTorch (PyTorch is absent: install python3-torch, or name a python with torch and numpy in RELU_STUDIO_PYTHON).',
      );
  }
  return found;
}

/** Runs a script. @returns its standard output @throws with its standard error where it fails */
export function runPython(python: string, script: string, args: string[]): string {
  return execFileSync(python, [script, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    maxBuffer: 1 << 26,
  });
}
