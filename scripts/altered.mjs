/**
 * A copy of the sources in which edits are made and undone, for programs that ask whether the tests notice them.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

/** Everything else of the project is copied, for tests read files all over it. */
const LEFT_OUT = new Set(['node_modules', '.git', '.cache', 'dist', 'test-results'].map((name) => join(root, name)));

/** Runs a program; resolves with its exit code (null where it ran past `seconds`) and both streams together. */
export function runProgram(command, args, { cwd, seconds }) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds);
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code, output });
    });
  });
}

export class AlteredSources {
  /** @param name of the folder below .cache */
  constructor(name) {
    // The copy shares node_modules by a link: nothing may be installed through it.
    ensureInstalled();
    this.path = join(root, '.cache', name);
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(this.path, { recursive: true });
    for (const part of readdirSync(root))
      if (!LEFT_OUT.has(join(root, part))) cpSync(join(root, part), join(this.path, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(this.path, 'node_modules'));
  }

  /** Gives a file another text, calls `work`, and puts the file back. */
  async withText(file, text, work) {
    const path = join(this.path, file);
    const source = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, text);
      return await work();
    } finally {
      writeFileSync(path, source);
    }
  }

  /**
   * Makes the edits, calls `work`, and puts the sources back.
   * @param edits [[file, text, its replacement], …]; a text must stand in its file exactly once
   */
  async with(edits, work) {
    const originals = new Map();
    try {
      for (const [file, text, replacement] of edits) {
        const path = join(this.path, file);
        const source = readFileSync(path, 'utf8');
        if (!originals.has(path)) originals.set(path, source);
        if (source.split(text).length !== 2) throw new Error(`${file} does not contain once: ${text}`);
        writeFileSync(
          path,
          source.replace(text, () => replacement),
        );
      }
      return await work();
    } finally {
      for (const [path, source] of originals) writeFileSync(path, source);
    }
  }
}
