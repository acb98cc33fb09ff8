/**
 * Turns a TypeScript entry into JavaScript that this Node runs: `.cache/bundles/NAME/STAMP/NAME.js`, packages left where they
 * are. Built again only when one of its sources, or package.json, has changed. Each build has a folder of its own, so that a
 * training that runs for hours still finds the parts it loads late.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

/** Builds kept besides the newest, for processes that still run them. */
const KEPT = 3;

const stampOf = (file) => {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs}:${size}`;
  } catch {
    return 'gone';
  }
};

const isCurrent = (manifest) =>
  existsSync(join(root, manifest.file)) &&
  Object.entries(manifest.sources).every(([source, stamp]) => stampOf(join(root, source)) === stamp);

/**
 * Path of the bundle of `entry` (relative to the project's root), built first where that is needed. NAME is the entry's whole path,
 * `src/cli/main.ts` → `src-cli-main`: two entries that are both called main.ts must not find each other's build.
 */
export async function bundle(entry) {
  ensureInstalled();
  const name = entry.replace(/\.\w+$/, '').replace(/[/\\]/g, '-');
  const home = join(root, '.cache', 'bundles', name);
  const manifestFile = join(home, 'manifest.json');
  if (existsSync(manifestFile)) {
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
    if (isCurrent(manifest)) return join(root, manifest.file);
  }

  const { build } = await import('vite');
  const folder = join(home, `${Date.now().toString(36)}-${process.pid}`);
  const output = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { external: true },
    build: {
      ssr: join(root, entry),
      outDir: folder,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rolldownOptions: { output: { entryFileNames: `${name}.js`, chunkFileNames: '[name]-[hash].js' } },
    },
  });
  const modules = [output].flat().flatMap((part) => part.output.flatMap((chunk) => chunk.moduleIds ?? []));
  const files = modules.map((id) => id.split('?')[0]).filter((id) => id.startsWith(root) && existsSync(id));
  const sources = [...files, join(root, 'package.json'), join(root, 'scripts', 'bundle.mjs')];
  const manifest = {
    file: relative(root, join(folder, `${name}.js`)),
    sources: Object.fromEntries(sources.map((source) => [relative(root, source), stampOf(source)])),
  };
  mkdirSync(home, { recursive: true });
  writeFileSync(`${manifestFile}.${process.pid}`, JSON.stringify(manifest, null, 1));
  renameSync(`${manifestFile}.${process.pid}`, manifestFile);
  const builds = readdirSync(home)
    .filter((entryName) => entryName.includes('-'))
    .sort();
  for (const old of builds.slice(0, -1 - KEPT)) rmSync(join(home, old), { recursive: true, force: true });
  return join(root, manifest.file);
}
