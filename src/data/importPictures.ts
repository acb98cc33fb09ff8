/**
 * Imports data sets of image files (Tiny-ImageNet): planned from the file names, decoded, stored shard by shard. If anything fails or
 * the user cancels, all shards are removed again.
 */
import type { FileReport, ImportOptions, KeptShard } from './importTypes.ts';
import type { FileTree } from './fileTree.ts';
import { fingerprint, imagesText } from './shard.ts';
import { planTiny, TINY_SHAPE, tinyShards, WHOLE } from './tinyImagenet.ts';
import type { TinyPlan } from './tinyImagenet.ts';
import { DataError } from './types.ts';

const IMAGE_BYTES = TINY_SHAPE[0] * TINY_SHAPE[1] * TINY_SHAPE[2];

/** Images between two notes of progress. */
const PROGRESS_IMAGES = 200;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

type Seen = ReadonlyMap<string, { file: string }>;

/** A report that asks how much of a large data set is wanted; null where it need not be asked. */
function question(plan: TinyPlan, options: ImportOptions): FileReport | null {
  const { askAbove = Infinity, pictures } = options;
  if (pictures !== undefined || plan.bytes <= askAbove) return null;
  const { train, test } = plan.images;
  return {
    file: plan.name,
    outcome: {
      ok: true,
      images: train.length + test.length,
      dataset: 'tiny-imagenet',
      part: 'size',
      classes: plan.classes.length,
      bytes: plan.bytes,
    },
  };
}

/** A shard without its pixels: those of one shard at a time are in memory. */
type KeptName = Pick<KeptShard, 'hash' | 'file' | 'part'>;

async function keepAll(plan: TinyPlan, options: ImportOptions, seen: Seen): Promise<KeptName[]> {
  const { jpeg, keep, signal, onProgress } = options;
  if (!jpeg) throw new DataError(plan.name, 'pictures cannot be decoded here.');
  const decode = await jpeg();
  const kept: KeptName[] = [];
  let images = 0;
  const onImage = () => {
    images++;
    const done = images * IMAGE_BYTES;
    if (images % PROGRESS_IMAGES === 0 || done === plan.bytes) onProgress?.(plan.name, done, plan.bytes);
  };
  try {
    for await (const { part, file, ...pixels } of tinyShards(plan, decode, onImage, signal)) {
      const hash = await fingerprint(pixels);
      const same = seen.get(hash);
      if (same)
        throw new DataError(
          plan.name,
          `holds the same ${imagesText(pixels.count)} as ${same.file}, which is already loaded. Nothing was added: leave it out.`,
        );
      const facts = { dataset: 'tiny-imagenet', part, file, hash, shape: TINY_SHAPE, classes: plan.classes } as const;
      await keep({ ...facts, shape: [...TINY_SHAPE], ...pixels });
      kept.push({ hash, file, part });
    }
  } catch (error) {
    if (kept.length > 0) await options.discard?.(kept.map(({ hash }) => hash));
    throw error;
  }
  return kept;
}

/**
 * Imports a tree of pictures.
 * @param seen shards that are loaded already, by hash
 * @returns what was kept and its report; null where the tree is not such a data set
 * @throws DataError naming the entry at fault, or the signal's reason; nothing of the tree is kept then
 */
export async function importPictures(
  tree: FileTree,
  options: ImportOptions,
  seen: Seen,
): Promise<{ report: FileReport; kept: KeptName[] } | null> {
  const plan = await planTiny(tree, { ...WHOLE, ...options.pictures });
  if (plan === null) return null;
  const asking = question(plan, options);
  if (asking) return { report: asking, kept: [] };
  const free = await options.freeBytes?.();
  if (free !== undefined && free !== null && plan.bytes > free)
    throw new DataError(
      plan.name,
      `decoded it takes ${megabytes(plan.bytes)}, but this browser's storage has ${megabytes(free)} left. Choose fewer classes or free space on the disk.`,
    );
  const kept = await keepAll(plan, options, seen);
  options.names?.('tiny-imagenet', plan.classes);
  const { train, test } = plan.images;
  const part = test.length === 0 ? 'train' : train.length === 0 ? 'test' : 'both';
  const images = train.length + test.length;
  return { report: { file: plan.name, outcome: { ok: true, images, dataset: 'tiny-imagenet', part } }, kept };
}
