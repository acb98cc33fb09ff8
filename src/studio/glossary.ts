/**
 * The glossary: one definition of each term that is not general knowledge. Shown as a tooltip where the term first appears on a
 * screen (parts/Term.tsx) and as a list in the help dialog. Symbols are those of the papers.
 */
export const GLOSSARY = {
  drelu: {
    term: 'DReLU',
    definition:
      'The comparison inside a ReLU: DReLU(z) is 1 where z > 0, else 0, and ReLU(z) = z · DReLU(z). In private inference the comparison is what costs, so networks are compared by the number of distinct DReLUs.',
  },
  gate: {
    term: 'gate',
    definition:
      'The factor that multiplies a pre-activation z: the DReLU of a ReLU, a mask, a DReLU shared with another channel, or 1 where the neuron is linear.',
  },
  site: {
    term: 'ReLU layer',
    definition:
      'A place in the network where a ReLU can be. Layers are numbered from input to output: 2.0·1 is gate 1 of block 0 in stage 2 (layer2.0.gate1).',
  },
  stage: {
    term: 'stage',
    definition: 'Consecutive blocks at one resolution. The stem, the first convolution, is stage 0.',
  },
  stemGate: {
    term: 'stem gate',
    definition: 'A ReLU after the first convolution. SNL’s networks have none; DeepReDuce and DELPHI count one.',
  },
  budget: {
    term: 'budget',
    definition: 'B, the number of DReLUs that may be kept, or their share of the DReLUs before masks.',
  },
  snl: {
    term: 'SNL',
    definition:
      'Selective Network Linearization (Cho et al., ICML 2022): learns a mask for each ReLU, penalizes the sum of the masks until the budget is reached, makes the masks binary and finetunes.',
  },
  mask: {
    term: 'mask α',
    definition:
      'SNL’s trained factor per neuron or channel: the neuron computes α·ReLU(z) + (1 − α)·z. At α = 0 it is linear.',
  },
  lambda: {
    term: 'λ',
    definition: 'Weight of the mask penalty λ·Σ|α| in the loss of SNL’s mask stage.',
  },
  kappa: {
    term: 'κ',
    definition: 'Factor by which λ grows when the number of DReLUs has not fallen between two budget checks.',
  },
  epsilon: {
    term: 'ε',
    definition: 'Threshold of the masks: a DReLU counts as kept while its mask α is above ε.',
  },
  distillation: {
    term: 'distillation',
    definition:
      'An extra loss term that compares the outputs of the network with those of a teacher, here the frozen dense network (Hinton et al. 2015). T is the temperature.',
  },
  deepshare: {
    term: 'DeepShare',
    definition:
      'DReLU sharing (Bornfeld & Avidan 2025): few prototype channels compute DReLUs, and the other channels reuse them.',
  },
  prototype: {
    term: 'prototype channel',
    definition: 'A channel that computes its own DReLU, which replicate channels share.',
  },
  replicate: {
    term: 'replicate channel',
    definition: 'A channel without a DReLU of its own: it is gated by the DReLU of a prototype channel.',
  },
  softGate: {
    term: 'soft gate',
    definition:
      'A smooth gate used early in training: Φ(s·z), the gate of GELU with slope s. It is replaced by the step 1[z > 0] before the network is counted.',
  },
  effectiveDimension: {
    term: 'effective dimension',
    definition:
      'How many independent gates the channels of a ReLU layer act like, from the eigenvalues λ of the gates’ covariance: (Σλ)²/Σλ², or the exponential of their entropy. Divided by the number of channels C here.',
  },
  reuse: {
    term: 'ReLU-reuse',
    definition:
      'Channels are split into N equal groups; one group computes its DReLUs and the others reuse them (DeepReShape). Nothing about the gates is trained.',
  },
  deepreduce: {
    term: 'DeepReDuce',
    definition:
      'Coarse-grained ReLU removal (Jha et al., ICML 2021): whole stages (culling) or alternate ReLU layers (thinning) become linear.',
  },
  culling: {
    term: 'culling',
    definition: 'Removing all ReLUs of a stage, which becomes linear (DeepReDuce).',
  },
  thinning: {
    term: 'thinning',
    definition: 'Removing every other ReLU layer of a stage (DeepReDuce).',
  },
  criticality: {
    term: 'criticality',
    definition:
      'How much accuracy the ReLUs of one stage bring: measured by training the network with ReLUs in that stage only, relative to the number of those ReLUs (DeepReDuce).',
  },
  equalization: {
    term: 'ReLU equalization',
    definition:
      'Choosing stage widths so that the stages’ ReLU counts follow the order of their criticality (DeepReShape, Jha & Reagen, TMLR 2024).',
  },
  hybrenet: {
    term: 'HybReNet',
    definition:
      'A network whose stage widths come from ReLU equalization. HRN 5-5-3 has the channel multipliers α = 5, β = 5, γ = 3.',
  },
  multipliers: {
    term: 'm, α, β, γ',
    definition:
      'Base channels m of the first stage, and the factor by which the channels grow from each stage to the next.',
  },
  baseCh: {
    term: 'BaseCh',
    definition: 'Networks that double their channels at each stage (α = β = γ = 2), with varied m.',
  },
  stageCh: { term: 'StageCh', definition: 'Networks with equal multipliers α = β = γ other than 2, and fixed m.' },
  mac: { term: 'MAC', definition: 'One multiply-accumulate operation: two FLOPs.' },
  multiplications: {
    term: 'multiplications',
    definition:
      'Products of a gate and a pre-activation. Each costs communication in private inference, but far less than a DReLU.',
  },
  paretoFront: {
    term: 'Pareto front',
    definition: 'The runs that no other run beats in both accuracy and number of DReLUs.',
  },
  offline: {
    term: 'offline, online',
    definition:
      'The two phases of private inference: offline is everything before the input is known, online what follows.',
  },
  delphi: {
    term: 'DELPHI',
    definition:
      'A two-party protocol for private inference (Mishra et al. 2020): homomorphic encryption and secret sharing for linear layers, a garbled circuit for each DReLU.',
  },
  garbler: {
    term: 'garbler',
    definition: 'The party that creates the garbled circuits; the other party stores and evaluates them.',
  },
} as const satisfies Record<string, { term: string; definition: string }>;

export type GlossaryKey = keyof typeof GLOSSARY;
