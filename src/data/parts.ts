/**
 * Whether a file holds training or test images. CIFAR's binary files do not store it; their names do, or those of their folders.
 */
import type { Part } from './types.ts';

const TEST = /(^|[^a-z])(test|testing|tests|eval|evaluation)([^a-z]|$)/i;
const TRAIN = /(^|[^a-z])(train|training|trn|data[ _-]?batch)([^a-z]|$)/i;

/**
 * The part that a path names, or null where the user must be asked. The last component that says exactly one of the two decides, so
 * `train/test_batch.bin` is a test file and `latest.bin` is undecided. Of the path to a file or archive only the last two
 * components count, so that a home folder called `test` is ignored.
 */
export function partFromName(path: string): Part | null {
  const [outer, inner = ''] = path.split('→');
  const components = [...outer.split(/[/\\]/).slice(-2), ...inner.split('/')].reverse();
  for (const component of components) {
    const test = TEST.test(component);
    const train = TRAIN.test(component);
    if (test !== train) return test ? 'test' : 'train';
    // A component that names both parts leaves the file undecided.
    if (test) return null;
  }
  return null;
}
