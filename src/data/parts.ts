/**
 * Train or test? CIFAR's binary files do not say so inside: their names do, from the file up through its folders.
 */
import type { Part } from './types.ts';

const TEST = /(^|[^a-z])(test|testing|tests|eval|evaluation)([^a-z]|$)/i;
const TRAIN = /(^|[^a-z])(train|training|trn|data[ _-]?batch)([^a-z]|$)/i;

/**
 * The part that a path names, or null: the interface asks. The last component that says exactly one of the two decides, so
 * `train/test_batch.bin` is a test file and `latest.bin` says nothing. Of the path to a file or archive only the last two
 * components count: that somebody works in `/home/test` means nothing.
 */
export function partFromName(path: string): Part | null {
  const [outer, inner = ''] = path.split('→');
  const components = [...outer.split(/[/\\]/).slice(-2), ...inner.split('/')].reverse();
  for (const component of components) {
    const test = TEST.test(component);
    const train = TRAIN.test(component);
    if (test !== train) return test ? 'test' : 'train';
    // A component that says both decides that nobody knows.
    if (test) return null;
  }
  return null;
}
