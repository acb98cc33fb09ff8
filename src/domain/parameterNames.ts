/**
 * Names that other repositories give to a CIFAR ResNet's parameters → the studio's, which are torchvision's (design: formats).
 *
 * | theirs                                              | ours                       |
 * |-----------------------------------------------------|----------------------------|
 * | `module.`, `_orig_mod.`, `model.`, `net.`, … ahead  | dropped                    |
 * | `shortcut.0.`, `linear.`                            | `downsample.0.`, `fc.`     |
 * | `block1.layer.0.`, `convShortcut.`                  | `layer1.0.`, `downsample.0.` |
 * | `layer1.0.alpha2.alphas` (SNL), shape (1, C, H, W)  | `layer1.0.gate2.alpha`     |
 * | `…num_batches_tracked`                              | of no use                  |
 */

import { shown } from './printable.ts';

/** Two names of a file that mean the same parameter. */
export class ParameterNameError extends Error {
  override readonly name = 'ParameterNameError';
}

/** Written ahead of every name by DataParallel, torch.compile and modules that hold the network. */
const WRAPPERS = /^(?:(?:module|_orig_mod|model|net|network|backbone|encoder)\.)+/;

/** The project's name of a parameter that another repository calls `name`; null where it is of no use. */
export function canonicalName(name: string): string | null {
  if (name.endsWith('num_batches_tracked')) return null;
  return name
    .replace(WRAPPERS, '')
    .replace(/(^|\.)shortcut\./g, '$1downsample.')
    .replace(/^block(\d+)\.layer\.(\d+)\./, 'layer$1.$2.')
    .replace(/(^|\.)convShortcut\./g, '$1downsample.0.')
    .replace(/^linear\./, 'fc.')
    .replace(/^(layer\d+\.\d+)\.alpha(\d)\.alphas$/, '$1.gate$2.alpha')
    .replace(/^alpha\d?\.alphas$/, 'stem.alpha');
}

/**
 * Renames all; mask parameters of shape (1, C, H, W) become (C, H, W).
 * @throws ParameterNameError where two would get one name
 */
export function canonicalParameters<T extends { shape: number[] }>(parameters: ReadonlyMap<string, T>): Map<string, T> {
  const renamed = new Map<string, T>();
  const origin = new Map<string, string>();
  for (const [name, parameter] of parameters) {
    const canonical = canonicalName(name);
    if (canonical === null) continue;
    const other = origin.get(canonical);
    if (other !== undefined)
      throw new ParameterNameError(`Both ${shown(other)} and ${shown(name)} stand for ${shown(canonical)}.`);
    origin.set(canonical, name);
    const { shape } = parameter;
    const batched = canonical.endsWith('.alpha') && shape.length === 4 && shape[0] === 1;
    renamed.set(canonical, batched ? { ...parameter, shape: shape.slice(1) } : parameter);
  }
  return renamed;
}
