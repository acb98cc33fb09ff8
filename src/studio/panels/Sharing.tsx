/**
 * DeepShare (Bornfeld & Avidan 2025): one DReLU for many neurons. Which channels compute their own, who consults whom, and the way
 * from GELU's gate to the step (design: algorithms §3). What the paper's text could not be had for is called our reconstruction.
 */
import {
  Accordion,
  Alert,
  Badge,
  Button,
  Divider,
  Group,
  Input,
  NativeSelect,
  SegmentedControl,
  Stack,
  Switch,
  Text,
} from '@mantine/core';
import { useMemo } from 'react';
import { gateStagesOf } from '../../domain/composition.ts';
import type { DeepShareMethod, Experiment } from '../../domain/experiment.ts';
import type { GateMap, SiteIdMap } from '../../domain/gateMap.ts';
import { prototypeCountsOf } from '../../domain/sharing.ts';
import { methodCounts } from '../design/methodCounts.ts';
import { setNetwork } from '../design/setNetwork.ts';
import { Hint } from '../parts/Hint.tsx';
import { GateMapDrawing } from '../sharing/GateMapDrawing.tsx';
import { GateMapLegend } from '../sharing/GateMapLegend.tsx';
import { RatioFields } from '../sharing/RatioFields.tsx';
import { SharingCounts } from '../sharing/SharingCounts.tsx';
import { SiteTable } from '../sharing/SiteTable.tsx';
import { TransitionFields } from '../sharing/TransitionFields.tsx';
import { editMethod, methodOf, useExperiment } from '../stores/experiment.ts';
import { DistillationForm } from './DistillationForm.tsx';
import { PhaseForm } from './PhaseForm.tsx';

const edit = (change: (draft: DeepShareMethod) => void, field?: string) => editMethod('deepshare', change, field);

const ACROSS: Record<DeepShareMethod['crossLayer'], string> = {
  off: 'Every site has prototypes of its own',
  block: 'The later gate of a block borrows from its first, where their H×W agree',
  stage: 'Every later site of a stage borrows from the stage’s first of its H×W',
  custom: 'Chosen site by site below: from any earlier site of the same H×W',
};

/** The gates once sharing is applied (masks that come later left out) and every site's prototypes; null where they do not fit. */
function sharedGates({ network, methods }: Experiment): { gates: GateMap; prototypes: SiteIdMap<number> } | null {
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

const Ours = ({ children }: { children: string }) => (
  <Group gap={6}>
    <Badge variant="outline" color="gray" size="sm" tt="none" fw={500}>
      Our reconstruction
    </Badge>
    <Hint label="What is reconstructed">{children}</Hint>
  </Group>
);

export function Sharing() {
  const experiment = useExperiment((s) => s.experiment);
  const { network } = experiment;
  const method = methodOf(experiment, 'deepshare');
  const { counts, problem } = useMemo(() => methodCounts(experiment, 'deepshare'), [experiment]);
  const shared = useMemo(() => sharedGates(experiment), [experiment]);
  if (!method) return null;
  const fits = method.ratios.length === network.blocks.length + 1;

  return (
    <Stack gap="sm">
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
      {shared && (
        <figure style={{ margin: 0 }}>
          <GateMapDrawing network={network} gates={shared.gates} />
          <GateMapLegend borrowing={method.crossLayer !== 'off'} />
        </figure>
      )}
      <NativeSelect
        label="Across layers"
        description={ACROSS[method.crossLayer]}
        value={method.crossLayer}
        onChange={(event) => {
          const value = event.currentTarget.value as DeepShareMethod['crossLayer'];
          edit((d) => void (d.crossLayer = value));
        }}
        data={[
          { value: 'off', label: 'Off' },
          { value: 'block', label: 'Within a block' },
          { value: 'stage', label: 'Within a stage' },
          { value: 'custom', label: 'By hand' },
        ]}
      />
      <Accordion variant="default" chevronPosition="left" chevronSize={14} className="sharing-single">
        <Accordion.Item value="sites" style={{ border: 0 }}>
          <Accordion.Control px={0} fz="xs">
            Single sites
            {Object.keys(method.overrides).length > 0 && `: ${Object.keys(method.overrides).length} set`}
          </Accordion.Control>
          <Accordion.Panel>
            <SiteTable method={method} network={network} counts={shared?.prototypes ?? {}} />
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
      <Switch
        label="Affine"
        description="Replicates scale and shift the gate: z·(a·d + b), trained from (1, 0); after the gate, so that it costs no DReLU"
        checked={method.affine}
        onChange={(event) => {
          const { checked } = event.currentTarget;
          edit((d) => void (d.affine = checked));
        }}
      />
      <Input.Wrapper
        label="Choice of prototypes"
        description={
          method.choice === 'first'
            ? 'The first P channels; channel c consults c mod P'
            : 'Farthest-point selection on recorded gates of the dense network; each replicate joins its most similar prototype'
        }
        size="xs"
        labelElement="div"
      >
        <SegmentedControl
          fullWidth
          mb={4}
          aria-label="Choice of prototypes"
          value={method.choice}
          onChange={(choice) => edit((d) => void (d.choice = choice))}
          data={[
            { value: 'first', label: 'First P' },
            { value: 'farthest', label: 'Farthest' },
          ]}
        />
      </Input.Wrapper>
      <Ours>
        How the paper chooses its prototypes could not be had. From scratch, the first P are any P up to a permutation;
        from a trained network, farthest-point selection keeps gates that differ.
      </Ours>
      {method.choice === 'farthest' && (
        <Text size="xs" c={experiment.dense.epochs === 0 ? 'var(--warn-text)' : 'dimmed'}>
          {experiment.dense.epochs === 0
            ? 'Dense training has 0 epochs: unless the run starts from a finished one, there are no gates to choose on.'
            : 'Chosen when dense training is over; drawn above are the first P. The Masks tab shows the assignment of a finished run.'}
        </Text>
      )}
      <TransitionFields transition={method.transition} />
      <Divider label="Soft phase, GELU’s gate" labelPosition="left" />
      <PhaseForm
        phase={method.soft}
        name="Soft phase"
        change={(change, field) => edit((d) => change(d.soft), `soft.${field}`)}
      />
      <Divider label="Hard phase, the step" labelPosition="left" />
      <PhaseForm
        phase={method.hard}
        name="Hard phase"
        change={(change, field) => edit((d) => change(d.hard), `hard.${field}`)}
      />
      <DistillationForm
        value={method.distillation}
        hint={
          experiment.dense.epochs === 0
            ? 'Dense training has 0 epochs: there is no teacher to learn from'
            : 'Learns from the frozen dense network'
        }
        onChange={(value, field) => edit((d) => void (d.distillation = value), field)}
      />
    </Stack>
  );
}
