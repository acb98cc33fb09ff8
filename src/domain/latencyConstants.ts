/**
 * The constants of the latency model, each with its source, so that the page can show them beside what they decide.
 *
 *   measured   by the Cryptonite artifact (Garimella et al., ASPLOS'23): server AMD EPYC 7502, client Intel Atom Z8350,
 *              DELPHI's server-garbler protocol (design: algorithms §5)
 *   fitted     to those measurements of ResNet-18 at 32×32 and 64×64; the rule is in `note`
 *   derived    by arithmetic from what is measured; nobody measured it
 *   reported   by the paper named
 */
export interface Constant {
  value: number;
  unit: string;
  source: 'measured' | 'fitted' | 'derived' | 'reported';
  what: string;
  note?: string;
}

const measured = (value: number, unit: string, what: string, note?: string): Constant => ({
  value,
  unit,
  source: 'measured',
  what,
  note,
});
const fitted = (value: number, unit: string, what: string, note: string): Constant => ({
  value,
  unit,
  source: 'fitted',
  what,
  note,
});
const derived = (value: number, unit: string, what: string, note: string): Constant => ({
  value,
  unit,
  source: 'derived',
  what,
  note,
});

export const LATENCY = {
  // One ReLU's garbled circuit.
  circuitBytes: measured(17_072, 'B', 'Garbled circuit, garbler to evaluator, offline'),
  transferRequestBytes: measured(672, 'B', 'Oblivious transfer, evaluator to garbler'),
  transferAnswerBytes: measured(1_344, 'B', 'Oblivious transfer, garbler to evaluator'),
  labelBytes: measured(1_184, 'B', 'Labels of the garbler’s inputs, garbler to evaluator'),
  answerBytes: measured(9, 'B', 'Masked result, evaluator to garbler, online'),
  storageBytes: measured(18_248, 'B', 'Kept by the evaluator until the inference'),
  garblerStorageBytes: derived(
    1_344,
    'B',
    'Kept by a garbling client',
    'The label pairs of the server’s inputs, which oblivious transfer sends online.',
  ),
  garbleServer: measured(103.7e-6, 's', 'Garble, one EPYC thread'),
  garbleServerAll: measured(30.5e-6, 's', 'Garble, whole EPYC (64 threads)'),
  evaluateServer: measured(54.6e-6, 's', 'Evaluate, one EPYC thread'),
  evaluateServerAll: measured(18.3e-6, 's', 'Evaluate, whole EPYC (64 threads)'),
  evaluateClient: measured(346.0e-6, 's', 'Evaluate, one Atom thread'),
  garbleClient: derived(
    103.7e-6 * (346.0 / 54.6),
    's',
    'Garble, one Atom thread',
    'The EPYC’s garbling time times the Atom’s slowness at evaluating, 346.0 / 54.6.',
  ),
  encodeOffline: measured(7.6e-6, 's', 'Encode inputs, offline'),
  encodeOnline: measured(3.6e-6, 's', 'Encode inputs, online'),

  // Linear layers under homomorphic encryption.
  keyBytes: measured(33.2e6, 'B', 'HE keys, client to server, once an inference'),
  blockSlots: derived(
    8_192,
    'activations',
    'One block of packed activations',
    'The slots of one ciphertext at DELPHI’s polynomial degree.',
  ),
  uploadBlockBytes: fitted(
    3.886e6,
    'B',
    'HE upload for each started block of a linear layer’s input',
    'ResNet-18 has 83 blocks at 32×32 (321.5 MB) and 327 at 64×64 (1,274.8 MB).',
  ),
  downloadBlockBytes: fitted(
    0.6215e6,
    'B',
    'HE download for each started block of a linear layer’s output',
    '76 blocks (47.2 MB) and 301 blocks (187.2 MB).',
  ),
  encryptBlock: fitted(0.0339, 's', 'Encrypt one input block, Atom', '2.76 s and 11.3 s for 83 and 327 blocks.'),
  decryptBlock: fitted(0.002, 's', 'Decrypt one output block, Atom', '0.17 s and 0.58 s for 76 and 301 blocks.'),
  hePerMmac: fitted(
    0.355,
    's/MMAC',
    'HE evaluation of a 32×32 input, one thread',
    'MACs counted at input resolution: a stride-2 convolution costs four times its own.',
  ),
  heHalving: fitted(
    1.085,
    '×',
    'Growth of that time each time the input’s side halves',
    '0.355, 0.385, 0.419, 0.454 s/MMAC at sides 32, 16, 8, 4. ResNet-18 cannot tell side from channels; read as side, the same numbers give its 64×64 time within 2 %, read as channels they miss by 10 %.',
  ),
  heStem: fitted(0.96, 's/MMAC', 'HE evaluation of the stem at 32×32', 'Three channels fill a ciphertext badly.'),
  heSerialShare: fitted(
    0.074,
    '',
    'Share of HE evaluation that threads do not speed up',
    'Amdahl’s law through 292.4 → 36.5 s and 1,066.2 → 141.0 s on 17 threads.',
  ),
  heMaxThreads: measured(17, 'threads', 'Most HE threads measured; more bring nothing in this model'),
  onlineFixed: fitted(
    0.37,
    's',
    'Linear layers online, whatever the network',
    '0.43 s at 555.5 MMAC and 0.61 s at 2,221.7 MMAC.',
  ),
  onlinePerMmac: fitted(
    1.08e-4,
    's/MMAC',
    'Linear layers online, growth with MACs',
    '0.43 s at 555.5 MMAC and 0.61 s at 2,221.7 MMAC.',
  ),

  // A multiplication by a gate that is known already.
  multiplicationShare: {
    value: 1 / 192,
    unit: '×',
    source: 'reported',
    what: 'Online bytes of a multiplication without a circuit, beside a garbled ReLU’s',
    note: 'DELPHI on its quadratic activation (Mishra et al. 2020), split evenly between up and down. Its offline Beaver triple was not to be had and is left out.',
  } satisfies Constant as Constant,
} as const;
