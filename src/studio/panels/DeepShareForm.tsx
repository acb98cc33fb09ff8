/**
 * Settings of DeepShare (Bornfeld & Avidan 2025): which channels are prototypes, which channels share their DReLUs, and the
 * transition from GELU's gate to the step (design: algorithms §3). What the paper does not specify is marked as our implementation.
 */
import { Accordion, Alert, Button, Divider, Stack, Text } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { gateStagesOf } from '../../domain/composition.ts';
import type { Experiment } from '../../domain/experiment.ts';
import type { DeepShareMethod } from '../../domain/methods/deepshare.ts';
import type { GateMap, SiteIdMap } from '../../domain/gateMap.ts';
import { prototypeCountsOf } from '../../domain/sharing.ts';
import { setNetwork } from '../design/setNetwork.ts';
import { useMethodCounts } from '../design/useMethodCounts.ts';
import { ChoiceField, SelectField, SwitchField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { OurImplementation } from '../parts/OurImplementation.tsx';
import { GateMapDrawing } from '../sharing/GateMapDrawing.tsx';
import { GateMapLegend } from '../sharing/GateMapLegend.tsx';
import { RatioFields } from '../sharing/RatioFields.tsx';
import { SharingCounts } from '../sharing/SharingCounts.tsx';
import { SiteTable } from '../sharing/SiteTable.tsx';
import { TransitionFields } from '../sharing/TransitionFields.tsx';
import { editMethod, useExperiment } from '../stores/experiment.ts';
import { useMethod } from '../stores/useMethod.ts';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

const edit = (change: (draft: DeepShareMethod) => void, field?: string) => editMethod('deepshare', change, field);

const ACROSS: Option<DeepShareMethod['crossLayer']>[] = [
  { value: 'off', label: 'Off', about: 'Every ReLU layer has prototype channels of its own' },
  {
    value: 'block',
    label: 'Within a block',
    about: 'The later gate of a block shares the DReLUs of its first gate, where their H×W are equal',
  },
  {
    value: 'stage',
    label: 'Within a stage',
    about: 'Later ReLU layers of a stage share the DReLUs of its first one with the same H×W',
  },
  {
    value: 'custom',
    label: 'Custom',
    about: 'Chosen per ReLU layer below: any earlier layer with the same H×W',
  },
];

const CHOICES: Option<DeepShareMethod['choice']>[] = [
  { value: 'first', label: 'First P', about: 'The first P channels; channel c shares the DReLU of c mod P' },
  {
    value: 'farthest',
    label: 'Farthest',
    about:
      'Farthest-point selection on recorded gates of the dense network; each replicate channel shares the most similar prototype',
  },
];

const PHASES = [
  { key: 'soft', name: 'Soft phase', about: 'Soft phase, GELU’s gate' },
  { key: 'hard', name: 'Hard phase', about: 'Hard phase, the step' },
] as const;

/** The gates after sharing (without later masks) and the prototypes per layer; null where the settings do not fit the network. */
function sharedGates({
  network,
  methods,
}: Pick<Experiment, 'network' | 'methods'>): { gates: GateMap; prototypes: SiteIdMap<number> } | null {
  try {
    const stages = gateStagesOf({ network, methods });
    const at = stages.findIndex(({ method }) => method === 'deepshare');
    const method = methods.find(({ name }) => name === 'deepshare');
    if (at < 1 || method?.name !== 'deepshare') return null;
    return { gates: stages[at].gates, prototypes: prototypeCountsOf(network, method, stages[at - 1].gates) };
  } catch {
    return null;
  }
}

/** Ratios, counts, the drawing and single layers: everything that depends on the network as well as the method. */
function Prototypes({ method }: { method: DeepShareMethod }) {
  const network = useExperiment((s) => s.experiment.network);
  const methods = useExperiment((s) => s.experiment.methods);
  const { counts, problem } = useMethodCounts('deepshare');
  const shared = useMemo(() => sharedGates({ network, methods }), [network, methods]);
  // The drawing may lag behind the numbers, so that it does not block a slider.
  const drawn = useDeferredValue(useMemo(() => shared && { gates: shared.gates, network }, [shared, network]));
  const fits = method.ratios.length === network.blocks.length + 1;
  const set = Object.keys(method.overrides).length;
  return (
    <>
      {problem && (
        <Alert color="red" p="xs" role="alert">
          <Stack gap={6} align="flex-start">
            <Text size="xs">{problem}</Text>
            <Button size="compact-xs" variant="default" onClick={() => setNetwork({})}>
              Fit to this network
            </Button>
          </Stack>
        </Alert>
      )}
      {fits && <RatioFields method={method} network={network} />}
      {counts && <SharingCounts counts={counts} network={network} />}
      {drawn && (
        <figure style={{ margin: 0 }}>
          <GateMapDrawing {...drawn} />
          <GateMapLegend borrowing={method.crossLayer !== 'off'} />
        </figure>
      )}
      <SelectField
        label="Across layers"
        value={method.crossLayer}
        options={ACROSS}
        onChange={(value) => edit((d) => void (d.crossLayer = value))}
      />
      <Accordion variant="default" chevronPosition="left" chevronSize={14} keepMounted={false}>
        <Accordion.Item value="sites" style={{ border: 0 }}>
          <Accordion.Control px={0} fz="xs">
            Single layers{set > 0 && `: ${set} set`}
          </Accordion.Control>
          <Accordion.Panel>
            <SiteTable method={method} network={network} counts={shared?.prototypes ?? {}} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </>
  );
}

/** When prototypes are selected by farthest-point selection, or why they cannot be. */
function FarthestNote() {
  const teacherless = useExperiment((s) => s.experiment.dense.epochs === 0);
  return (
    <Text size="xs" c={teacherless ? 'var(--warn-text)' : 'dimmed'}>
      {teacherless
        ? 'Dense training has 0 epochs: the run must start from a finished run, which provides the gates for the selection.'
        : 'Selected after dense training; the drawing shows the first P. The Masks tab shows the assignment of a finished run.'}
    </Text>
  );
}

export function DeepShareForm() {
  const method = useMethod('deepshare');
  if (!method) return null;
  return (
    <Stack gap="sm">
      <Prototypes method={method} />
      <SwitchField
        label="Affine"
        hint="Replicate channels scale and shift the gate: z·(a·d + b), trained from (1, 0). It needs no further DReLU."
        value={method.affine}
        onChange={(on) => edit((d) => void (d.affine = on))}
      />
      <ChoiceField
        label="Prototype selection"
        value={method.choice}
        options={CHOICES}
        onChange={(choice) => edit((d) => void (d.choice = choice))}
      />
      <OurImplementation of="prototype selection">
        Prototype selection is not specified in the paper. For a network trained from scratch, the first P channels are
        equivalent to any other P; for a trained network, farthest-point selection keeps gates that differ.
      </OurImplementation>
      {method.choice === 'farthest' && <FarthestNote />}
      <TransitionFields transition={method.transition} />
      {PHASES.map(({ key, name, about }) => (
        <Stack key={key} gap="sm">
          <Divider label={about} labelPosition="left" />
          <PhaseForm
            phase={method[key]}
            name={name}
            change={(change, field) => edit((d) => change(d[key]), `${key}.${field}`)}
          />
        </Stack>
      ))}
      <DistillationForm
        value={method.distillation}
        onChange={(value, field) => edit((d) => void (d.distillation = value), field)}
      />
    </Stack>
  );
}
