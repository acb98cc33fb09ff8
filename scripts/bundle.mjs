/**
 * Bundles a TypeScript entry into JavaScript that this Node runs: `.cache/bundles/NAME/BUILD/NAME.js`. Packages are not bundled.
 * Rebuilt only when one of its sources, or package.json, has changed. Each build has its own folder, so that a process that has
 * run for hours can still load its lazy chunks.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

/** Older builds that are kept, for processes that still run them. */
const KEPT_BUILDS = 3;

const stampOf = (file) => {
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs}:${size}`;
  } catch {
    return 'missing';
  }
};

const isCurrent = (manifest) =>
  existsSync(join(root, manifest.file)) &&
  Object.entries(manifest.sources).every(([source, stamp]) => stampOf(join(root, source)) === stamp);

/**
 * Builds the bundle of `entry` (relative to the project's root) if it is stale. NAME is the entry's path with dashes,
 * `src/cli/main.ts` → `src-cli-main`, so that two entries called main.ts do not share a build.
 * @returns the bundle's path
 */
export async function bundle(entry) {
  ensureInstalled();
  const name = entry.replace(/\.\w+$/, '').replace(/[/\\]/g, '-');
  const folder = join(root, '.cache', 'bundles', name);
  const manifestFile = join(folder, 'manifest.json');
  if (existsSync(manifestFile)) {
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
    if (isCurrent(manifest)) return join(root, manifest.file);
  }

  const { build } = await import('vite');
  const outDir = join(folder, `${Date.now().toString(36)}-${process.pid}`);
  const output = await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { external: true },
    build: {
      ssr: join(root, entry),
      outDir,
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
    file: relative(root, join(outDir, `${name}.js`)),
    sources: Object.fromEntries(sources.map((source) => [relative(root, source), stampOf(source)])),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${manifestFile}.${process.pid}`, JSON.stringify(manifest, null, 1));
  renameSync(`${manifestFile}.${process.pid}`, manifestFile);
  const builds = readdirSync(folder)
    .filter((entryName) => entryName.includes('-'))
    .sort();
  for (const old of builds.slice(0, -1 - KEPT_BUILDS)) rmSync(join(folder, old), { recursive: true, force: true });
  return join(root, manifest.file);
}
