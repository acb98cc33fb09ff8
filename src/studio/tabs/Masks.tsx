/** Masks: which DReLUs a run has kept, site by site, and what can be done with them. */
import { Button, FileButton, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { compact, exactly, percent, stageName } from '../../domain/describe.ts';
import { gateOf } from '../../domain/gateMap.ts';
import type { MaskInspection, RunSummary } from '../../worker/protocol.ts';
import { openFiles } from '../files.ts';
import { DepthBars } from '../masks/DepthBars.tsx';
import { MasksActions } from '../masks/MasksActions.tsx';
import { SiteDetail } from '../masks/SiteDetail.tsx';
import { SiteList } from '../masks/SiteList.tsx';
import { sumByStage } from '../masks/siteSums.ts';
import { useInspection } from '../masks/useInspection.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Figure } from '../parts/Figure.tsx';
import { StageDot } from '../parts/StageColours.tsx';
import { showRun } from '../session.ts';
import { describeGate, GateMapDrawing } from '../sharing/GateMapDrawing.tsx';
import { GateMapLegend } from '../sharing/GateMapLegend.tsx';
import { useRuns } from '../stores/runs.ts';
import '../masks/masks.css';

const ImportButton = () => (
  <FileButton multiple accept=".json,.safetensors" onChange={(files) => files.length > 0 && void openFiles(files)}>
    {(props) => (
      <Button {...props} variant="default" leftSection={<IconUpload size={15} />}>
        Import masks
      </Button>
    )}
  </FileButton>
);

/** Runs that have masks: trained to their end, or imported. */
const withMasks = (runs: RunSummary[]) => runs.filter(({ status }) => status === 'done');

export default function Masks() {
  const runs = useRuns((s) => s.runs);
  const shown = useRuns((s) => s.shown);
  const finished = withMasks(runs ?? []);
  const run = finished.find(({ id }) => id === shown) ?? finished.at(0) ?? null;
  const { inspection, problem } = useInspection(run?.id ?? null);

  if (runs === null)
    return (
      <Text size="sm" c="dimmed">
        Reading runs …
      </Text>
    );
  if (!run)
    return (
      <EmptyState title="No masks yet" action={<ImportButton />}>
        When a run is finished, its gates stand here site by site. A masks.json can be brought in with its
        model.safetensors: choose or drop both together.
      </EmptyState>
    );
  return (
    <Stack gap="md">
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label="Run"
          value={run.id}
          onChange={(event) => showRun(event.currentTarget.value)}
          data={finished.map(({ id, name, drelus }) => ({
            value: id,
            label: drelus === null ? name : `${name} · ${compact(drelus)} DReLUs`,
          }))}
          maw={360}
        />
        <MasksActions run={run} />
        <ImportButton />
      </Group>
      {problem && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          The masks of “{run.name}” could not be read: {problem}
        </Text>
      )}
      {inspection ? (
        <Inspected key={inspection.run} inspection={inspection} />
      ) : (
        !problem && (
          <Text size="sm" c="dimmed">
            Reading the masks of “{run.name}” …
          </Text>
        )
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
