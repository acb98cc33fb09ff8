/**
 * Presets of networks: the families that DeepReShape (Jha & Reagen 2024) compares, and the networks other papers use. A preset
 * sets family, blocks and widths; input size, classes and stem gate stay as they are.
 *
 *   BaseCh      α = β = γ = 2, base channels m varied
 *   StageCh     α = β = γ varied, m fixed
 *   HybReNet    α, β, γ unequal, from ReLU equalization
 */
import type { Family, NetworkSpec } from '../../domain/network.ts';
import { widthsFrom } from './multipliers.ts';

export interface NetworkPreset {
  id: string;
  title: string;
  group: 'BaseCh' | 'StageCh' | 'HybReNet' | 'Other networks';
  family: Family;
  blocks: number[];
  widths: number[];
}

const RESNET18 = [2, 2, 2, 2];

const resnet18 = (
  group: NetworkPreset['group'],
  title: string,
  base: number,
  multipliers: number[],
): NetworkPreset => ({
  id: `${group}-${multipliers.join('-')}-m${base}`,
  title: `${title}, m = ${base}`,
  group,
  family: 'cifar-resnet',
  blocks: RESNET18,
  widths: widthsFrom(base, multipliers),
});

const hybrenet = (name: string, base: number) => resnet18('HybReNet', `HRN ${name}`, base, name.split('-').map(Number));

export const NETWORK_PRESETS: readonly NetworkPreset[] = [
  resnet18('BaseCh', 'ResNet-18', 64, [2, 2, 2]),
  resnet18('BaseCh', 'ResNet-18', 32, [2, 2, 2]),
  resnet18('BaseCh', 'ResNet-18', 16, [2, 2, 2]),
  resnet18('BaseCh', 'ResNet-18', 8, [2, 2, 2]),
  resnet18('StageCh', 'StageCh 3', 16, [3, 3, 3]),
  resnet18('StageCh', 'StageCh 4', 16, [4, 4, 4]),
  resnet18('StageCh', 'StageCh 5', 16, [5, 5, 5]),
  hybrenet('5-5-3', 16),
  hybrenet('5-7-2', 16),
  hybrenet('6-6-2', 16),
  hybrenet('7-5-2', 16),
  hybrenet('2-5-3', 32),
  {
    id: 'resnet-34',
    title: 'ResNet-34, m = 64',
    group: 'Other networks',
    family: 'cifar-resnet',
    blocks: [3, 4, 6, 3],
    widths: [64, 128, 256, 512],
  },
  {
    id: 'wrn-22-8',
    title: 'WideResNet-22-8',
    group: 'Other networks',
    family: 'wide-resnet',
    blocks: [3, 3, 3],
    widths: [128, 256, 512],
  },
];

const key = (network: Pick<NetworkSpec, 'family' | 'blocks' | 'widths'>) =>
  `${network.family}/${network.blocks.join()}/${network.widths.join()}`;

/** The preset that this network is, if any. */
export const presetOf = (network: NetworkSpec): NetworkPreset | undefined =>
  NETWORK_PRESETS.find((preset) => key(preset) === key(network));
