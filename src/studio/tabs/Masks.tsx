/** Masks: which DReLUs a run has kept, site by site, and what can be done with them. */
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
import { RunPicker, useFinishedRun } from '../runs/FinishedRun.tsx';
import { describeGate, GateMapDrawing } from '../sharing/GateMapDrawing.tsx';
import { GateMapLegend } from '../sharing/GateMapLegend.tsx';
import '../masks/masks.css';

export default function Masks() {
  const { finished, run } = useFinishedRun();
  const { inspection, problem, again } = useInspection(run?.id ?? null);

  if (finished === null) return <Reading what="runs" />;
  if (!run)
    return (
      <EmptyState title="No masks yet" action={<ImportMasks />}>
        When a run is finished, its gates stand here site by site. A masks.json can be brought in with its
        model.safetensors: choose or drop both together.
      </EmptyState>
    );
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <RunPicker run={run} runs={finished} />
        <MasksActions run={run} />
        <ImportMasks />
      </Group>
      <EvaluationLine run={run} />
      {problem && (
        <ErrorLine verb="Try again" onAct={again}>
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
        subtitle="bars: kept; outlines: neurons there are"
        height={276}
        table={{
          columns: ['Site', 'Stage', 'Kept', 'Neurons', 'Share', 'Multiplications'],
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
      <div className="masks-columns">
        <SiteList sites={sites} selected={site.id} onSelect={setChosen} />
        <SiteDetail key={site.id} site={site} gates={gates} />
      </div>
      {shared && (
        <Figure
          title="Gate map"
          subtitle="who consults whose DReLU"
          height={sites.length * 26 + 40}
          table={{
            columns: ['Site', 'Gate'],
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
    <Group gap="xl" component="dl" m={0} className="figures">
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
