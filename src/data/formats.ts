/**
 * Facts about the data sets that the studio reads: sizes, class names, and the statistics that the SNL authors normalise with.
 * Sources: cs.toronto.edu/~kriz/cifar.html; means and deviations from SNL's released code (design: algorithms §2).
 */
import type { DataSetName } from './types.ts';

export interface CifarFormat {
  name: 'cifar-10' | 'cifar-100';
  title: string;
  /** Label bytes in front of each binary record, and how many values each may have. The last one is the class. */
  labelRanges: number[];
  /** Bytes of a binary record: labels and 3 × 32 × 32 pixels. */
  recordBytes: number;
  classes: readonly string[];
}

export const CIFAR_PIXELS = 3 * 32 * 32;

const words = (text: string): string[] => text.trim().split(/\s+/);

const CIFAR10_CLASSES = words('airplane automobile bird cat deer dog frog horse ship truck');

const CIFAR100_CLASSES = words(`
  apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle
  bowl boy bridge bus butterfly camel can castle caterpillar cattle
  chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
  dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
  lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
  mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree
  plain plate poppy porcupine possum rabbit raccoon ray road rocket
  rose sea seal shark shrew skunk skyscraper snail snake spider
  squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor
  train trout tulip turtle wardrobe whale willow_tree wolf woman worm`);

export const CIFAR10: CifarFormat = {
  name: 'cifar-10',
  title: 'CIFAR-10',
  labelRanges: [10],
  recordBytes: 1 + CIFAR_PIXELS,
  classes: CIFAR10_CLASSES,
};

export const CIFAR100: CifarFormat = {
  name: 'cifar-100',
  title: 'CIFAR-100',
  labelRanges: [20, 100],
  recordBytes: 2 + CIFAR_PIXELS,
  classes: CIFAR100_CLASSES,
};

export const DATASET_TITLES: Record<DataSetName, string> = {
  synthetic: 'the built-in data',
  'cifar-10': 'CIFAR-10',
  'cifar-100': 'CIFAR-100',
  'tiny-imagenet': 'Tiny-ImageNet',
};

/** Mean and deviation per channel of pixels scaled to 0 … 1. */
export const NORMALISATION = {
  'cifar-10': { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
  'cifar-100': { mean: [0.5071, 0.4867, 0.4408], std: [0.2675, 0.2565, 0.2761] },
  'tiny-imagenet': { mean: [0.48, 0.448, 0.398], std: [0.277, 0.269, 0.282] },
} satisfies Partial<Record<DataSetName, { mean: number[]; std: number[] }>>;
