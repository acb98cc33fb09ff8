/**
 * `npm run bench:pack`: one archive that runs the benchmark and the GPU tests on another x86-64 Linux machine, which needs a Vulkan
 * driver and neither Node nor network.
 *
 *   tar xf relu-studio-bench-linux-x64.tar.xz && relu-studio-bench/run.sh            benchmark, then tests
 *   relu-studio-bench/run.sh bench --json                                            as `npm run bench`
 *   relu-studio-bench/run.sh tests
 *   relu-studio-bench/run.sh selfcheck --out report.json                             whether this GPU computes what PyTorch computes
 *   relu-studio-bench/run.sh gpu-day --data cifar-100-binary --minutes 120 --out day CIFAR-100 results; resumable
 *
 * Inside: this Node's own executable, Dawn, the bundled programs, the fixtures, and the Vulkan loader for machines that lack it.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const LIMIT_MB = 45;
const NAME = 'relu-studio-bench';
const out = join(root, '.cache', 'pack');
const folder = join(out, NAME);
const archive = join(out, `${NAME}-linux-x64.tar.xz`);

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The archive contains this Node executable: build it on x86-64 Linux.');
  process.exit(2);
}
ensureInstalled();

const gpuTests = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.gpu.test.ts'))
    .map((file) => join(folder, file));

/** Strips debug symbols if binutils are installed; the program runs either way. */
function strip(file) {
  try {
    execFileSync('strip', [file], { stdio: 'ignore' });
  } catch {
    console.error('strip is not installed: the archive will be larger.');
  }
}

const commit = (() => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
})();

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'lib'), { recursive: true });

const { build } = await import('vite');
const entries = ['bench/pack/main.ts', ...['src', 'test', 'bench'].flatMap(gpuTests)];
await build({
  root,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  resolve: { alias: { vitest: join(root, 'bench', 'pack', 'vitest.ts') } },
  ssr: { noExternal: true, external: ['webgpu'] },
  build: {
    ssr: true,
    outDir: join(folder, 'app'),
    target: 'node20',
    minify: true,
    rolldownOptions: {
      input: Object.fromEntries(entries.map((entry) => [entry.replace(/\.ts$/, ''), join(root, entry)])),
      // Files keep their relative paths: tests read fixtures relative to their own file.
      output: { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
    },
  },
});
writeFileSync(join(folder, 'app', 'package.json'), JSON.stringify({ type: 'module' }));
cpSync(join(root, 'test', 'fixtures'), join(folder, 'app', 'test', 'fixtures'), { recursive: true });
cpSync(join(root, 'test', 'pytorch'), join(folder, 'app', 'test', 'pytorch'), {
  recursive: true,
  filter: (file) => !file.includes('__pycache__'),
});

const dawn = join(root, 'node_modules', 'webgpu');
const packedDawn = join(folder, 'app', 'node_modules', 'webgpu');
mkdirSync(join(packedDawn, 'dist', 'linux-x64'), { recursive: true });
for (const file of ['package.json', 'index.js', 'LICENSE.md']) copyFileSync(join(dawn, file), join(packedDawn, file));
copyFileSync(join(dawn, 'dist', 'linux-x64', 'dawn.node'), join(packedDawn, 'dist', 'linux-x64', 'dawn.node'));
strip(join(packedDawn, 'dist', 'linux-x64', 'dawn.node'));

copyFileSync(realpathSync(process.execPath), join(folder, 'node'));
strip(join(folder, 'node'));
chmodSync(join(folder, 'node'), 0o755);

const loader = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib64/libvulkan.so.1'].find((file) =>
  existsSync(file),
);
if (loader) copyFileSync(realpathSync(loader), join(folder, 'lib', 'libvulkan.so.1'));

writeFileSync(
  join(folder, 'run.sh'),
  `#!/bin/sh
# Without arguments: the self-check, the benchmark, and the GPU tests with the kernels of real GPUs. Needs a Vulkan driver. BENCH_VERBOSE=1 shows the contenders' output.
here=$(cd "$(dirname "$0")" && pwd)
export BENCH_COMMIT=${commit}
# The archive has a Vulkan loader for machines that have a driver but no loader.
if ! ldconfig -p 2>/dev/null | grep -q libvulkan.so.1; then export LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
case "$1" in
  '') "$here/node" "$here/app/bench/pack/main.js" selfcheck --out device-report.json; zeroth=$?
      "$here/node" "$here/app/bench/pack/main.js" bench; first=$?
      RELU_STUDIO_KERNELS=hardware "$here/node" "$here/app/bench/pack/main.js" tests; second=$?
      [ "$zeroth" -eq 0 ] && [ "$first" -eq 0 ] && [ "$second" -eq 0 ] ;;
  *) exec "$here/node" "$here/app/bench/pack/main.js" "$@" ;;
esac
`,
);
chmodSync(join(folder, 'run.sh'), 0o755);

rmSync(archive, { force: true });
execFileSync('tar', ['-C', out, '-I', 'xz -9e -T0', '-cf', archive, NAME], { stdio: 'inherit' });
const megabytes = statSync(archive).size / 1e6;
console.log(`${archive}: ${megabytes.toFixed(1)} MB`);
if (megabytes > LIMIT_MB) {
  console.error(`The archive is larger than the limit of ${LIMIT_MB} MB.`);
  process.exit(1);
}
