/** Masks: the DReLUs that the viewed run has kept, per ReLU layer, with export, evaluation and finetuning. */
import { Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { compact, exactly, percent, stageName } from '../../domain/describe.ts';
import { gateOf } from '../../domain/gateMap.ts';
import type { MaskInspection } from '../../worker/protocol.ts';
import { DepthBars } from '../masks/DepthBars.tsx';
import { EvaluationLine, MasksActions } from '../masks/MasksActions.tsx';
import { SiteDetail } from '../masks/SiteDetail.tsx';
import { SiteList } from '../masks/SiteList.tsx';
import { sumByStage } from '../masks/siteSums.ts';
import { useInspection } from '../masks/useInspection.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { Figure } from '../parts/Figure.tsx';
import { ImportMasks } from '../parts/ImportMasks.tsx';
import { Reading } from '../parts/Reading.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { NoMasksYet, RunPicker, useViewedMasks } from '../runs/RunPicker.tsx';
import { describeGate, GateMapDrawing } from '../sharing/GateMapDrawing.tsx';
import { GateMapLegend } from '../sharing/GateMapLegend.tsx';
import classes from '../masks/Masks.module.css';

export default function Masks() {
  const { state, run } = useViewedMasks();
  const { inspection, problem, retry } = useInspection(state === 'finished' ? run.id : null);

  if (state === 'reading') return <Reading what="runs" />;
  if (state === 'none')
    return (
      <EmptyState title="No masks yet" action={<ImportMasks />}>
        The masks of a finished run appear here per ReLU layer. Masks trained elsewhere can be imported: choose or drop
        masks.json together with model.safetensors.
      </EmptyState>
    );
  if (state === 'unfinished')
    return (
      <Stack gap="md">
        <RunPicker run={run} />
        <NoMasksYet run={run} what="Masks appear here" />
      </Stack>
    );
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <RunPicker run={run} />
        <MasksActions run={run} />
        <ImportMasks />
      </Group>
      <EvaluationLine run={run} />
      {problem && (
        <ErrorLine verb="Retry" onAct={retry}>
          The masks of “{run.name}” could not be read: {problem}
        </ErrorLine>
      )}
      {inspection ? (
        <Inspected key={inspection.run} inspection={inspection} />
      ) : (
        !problem && <Reading what={`the masks of “${run.name}”`} />
      )}
    </Stack>
  );
}

function Inspected({ inspection: { sites, gates, network } }: { inspection: MaskInspection }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const site = sites.find(({ id }) => id === chosen) ?? sites[0];
  const shared = Object.values(gates).some((gate) => gate.kind === 'share');
  const borrowing = Object.values(gates).some((gate) => gate.kind === 'share' && gate.from !== null);
  return (
    <>
      <StageSums sites={sites} />
      <Figure
        title="Kept DReLUs over depth"
        subtitle="bar: kept; outline: all neurons"
        height={276}
        table={{
          columns: ['ReLU layer', 'Stage', 'Kept', 'Neurons', 'Share', 'Multiplications'],
          rows: () =>
            sites.map((s) => [
              s.id,
              stageName(s.stage),
              exactly(s.drelus),
              exactly(s.neurons),
              percent(s.drelus / s.neurons),
              exactly(s.multiplications),
            ]),
        }}
      >
        <DepthBars sites={sites} selected={site.id} onSelect={setChosen} height={236} />
      </Figure>
      <div className={classes.columns}>
        <SiteList sites={sites} selected={site.id} onSelect={setChosen} />
        <SiteDetail key={site.id} site={site} gates={gates} />
      </div>
      {shared && (
        <Figure
          title="Gate map"
          subtitle="DReLU sharing between channels"
          height={sites.length * 26 + 40}
          table={{
            columns: ['ReLU layer', 'Gate'],
            rows: () => sites.map((s) => [s.id, describeGate(gateOf(gates, s.id), s)]),
          }}
        >
          <GateMapDrawing network={network} gates={gates} width={420} />
          <GateMapLegend borrowing={borrowing} />
        </Figure>
      )}
    </>
  );
}

function StageSums({ sites }: { sites: MaskInspection['sites'] }) {
  const stages = sumByStage(sites);
  const total = stages.reduce((sum, { drelus }) => sum + drelus, 0);
  return (
    <Group gap="xl" component="dl" m={0}>
      {stages.map(({ stage, drelus, neurons }) => (
        <div key={stage}>
          <Text component="dt" size="xs" c="dimmed">
            <StageDot stage={stage} size={8} /> {stageName(stage)}
          </Text>
          <Text component="dd" m={0} fw={600} title={`${exactly(drelus)} of ${exactly(neurons)}`}>
            {compact(drelus)}{' '}
            <Text span size="xs" c="dimmed" fw={400}>
              of {compact(neurons)}, {percent(neurons > 0 ? drelus / neurons : 0, 1)}
            </Text>
          </Text>
        </div>
      ))}
      <div>
        <Text component="dt" size="xs" c="dimmed">
          Total
        </Text>
        <Text component="dd" m={0} fw={600} title={`${exactly(total)} DReLUs`}>
          {compact(total)}
        </Text>
      </div>
    </Group>
  );
}
