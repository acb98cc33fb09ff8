/**
 * Private inference: a finished run between a client that holds the images and a server that holds the weights, each in a worker of its
 * own, with a dealer of correlated randomness in a third.
 */
import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { RunSummary } from '../../worker/protocol.ts';
import { AgreementTable } from '../inference/AgreementTable.tsx';
import { Assumptions } from '../inference/Assumptions.tsx';
import { LayersTable } from '../inference/LayersTable.tsx';
import { startParties, stopParties, useInference } from '../inference/parties.ts';
import { PartiesDrawing } from '../inference/PartiesDrawing.tsx';
import { SharesView } from '../inference/SharesView.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { ImportMasks } from '../parts/ImportMasks.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Reading } from '../parts/Reading.tsx';
import { NoMasksYet, RunPicker, useViewedMasks } from '../runs/RunPicker.tsx';
import { useLatency } from '../stores/latency.ts';

const MOST_IMAGES = 256;

export default function PrivateInference() {
  const { state, run } = useViewedMasks();
  const problem = useInference((s) => s.problem);
  const shown = useInference((s) => s.run);
  // The parties are workers: they do not outlive the tab that shows them.
  useEffect(() => stopParties, []);
  if (state === 'reading') return <Reading what="runs" />;
  if (state === 'none')
    return (
      <EmptyState title="No trained network yet" action={<ImportMasks />}>
        On a finished run, this tab classifies images between two parties: a server that never sees the images and a
        client that never sees the weights. Train a network, or import masks with their weights.
      </EmptyState>
    );
  if (state === 'unfinished')
    return (
      <Stack gap="md">
        <RunPicker run={run} />
        <NoMasksYet run={run} what="Private inference can be run" />
      </Stack>
    );
  return (
    <Stack gap="md">
      <SettingsForm run={run} />
      {problem && <ErrorLine>Private inference stopped. {problem}</ErrorLine>}
      <PartiesDrawing />
      {shown === run.id && (
        <>
          <AgreementTable />
          <LayersTable />
          <SharesView />
        </>
      )}
      <Assumptions />
    </Stack>
  );
}

function SettingsForm({ run }: { run: RunSummary }) {
  const running = useInference((s) => s.running);
  const { settings, set } = useLatency();
  const [images, setImages] = useState(4);
  const [first, setFirst] = useState(0);
  const [slow, setSlow] = useState(false);
  const [roundTripMs, setRoundTrip] = useState(20);
  const { uploadMbps, downloadMbps } = settings;
  const wire = slow ? { uploadMbps, downloadMbps, roundTripMs } : null;
  return (
    <Stack gap={6}>
      <Group gap="sm" align="flex-end">
        <RunPicker run={run} />
        <NumberField label="Images" value={images} min={1} max={MOST_IMAGES} whole onChange={setImages} w={80} />
        <NumberField label="First test image" value={first} min={0} whole onChange={setFirst} w={120} />
        {running ? (
          <Button variant="default" onClick={stopParties}>
            Stop
          </Button>
        ) : (
          <Button onClick={() => void startParties(run, { first, images, wire })}>Start</Button>
        )}
      </Group>
      <Group gap="sm" align="flex-end">
        <Switch
          label="Simulate a network"
          checked={slow}
          onChange={(event) => setSlow(event.currentTarget.checked)}
          mb={6}
        />
        {slow && (
          <>
            <NumberField
              label="Upload, Mb/s"
              value={uploadMbps}
              min={0.1}
              onChange={(value) => set({ uploadMbps: value })}
              w={110}
            />
            <NumberField
              label="Download, Mb/s"
              value={downloadMbps}
              min={0.1}
              onChange={(value) => set({ downloadMbps: value })}
              w={120}
            />
            <NumberField label="Round trip, ms" value={roundTripMs} min={0} onChange={setRoundTrip} w={110} />
          </>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        All images run as one batch: rounds are shared, memory grows with their number.
      </Text>
    </Stack>
  );
}
