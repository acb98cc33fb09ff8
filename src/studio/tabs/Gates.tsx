/**
 * Gates: how redundant a trained network's gates are. Effective dimension across channels, at matching positions and after shuffling
 * positions inside each channel (DeepShare, Bornfeld & Avidan 2025, Figure 2), and the correlation of a site's channels.
 */
import { Button, Group, NativeSelect, Progress, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { exactly, siteName, stageName } from '../../domain/describe.ts';
import { quantile } from '../../domain/boxPlot.ts';
import type { GateAnalysis, RunSummary } from '../../worker/protocol.ts';
import { analyse, cancelAnalysis, useAnalysis } from '../gates/analysis.ts';
import type { AnalysisSettings } from '../gates/analysis.ts';
import { SiteGates } from '../gates/SiteGates.tsx';
import { Suggestion } from '../gates/Suggestion.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Figure } from '../parts/Figure.tsx';
import { shortSite } from '../parts/names.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { StageLegend, stageColour } from '../parts/StageColours.tsx';
import { BoxPlots } from '../plots/BoxPlots.tsx';
import { showRun } from '../session.ts';
import { useRuns } from '../stores/runs.ts';
import { useIsActive, useSession } from '../stores/session.ts';

const FIRST: AnalysisSettings = { images: 64, seed: 1, measure: 'participation' };
const MOST_IMAGES = 1000;

export default function Gates() {
  const runs = useRuns((s) => s.runs);
  const shown = useRuns((s) => s.shown);
  const [settings, setSettings] = useState<AnalysisSettings>(FIRST);
  const finished = (runs ?? []).filter(({ status }) => status === 'done');
  const run = finished.find(({ id }) => id === shown) ?? finished.at(0) ?? null;
  const result = useAnalysis((s) => (run ? s.results[run.id] : undefined));
  const problem = useAnalysis((s) => (run && s.problem?.run === run.id ? s.problem.message : null));

  if (runs === null)
    return (
      <Text size="sm" c="dimmed">
        Reading runs …
      </Text>
    );
  if (!run)
    return (
      <EmptyState title="No trained network yet">
        On a finished run, this tab measures how many independent gates each layer really has: where channels open
        together, they can share one DReLU.
      </EmptyState>
    );
  return (
    <Stack gap="md">
      <AnalysisForm run={run} runs={finished} settings={settings} onChange={setSettings} />
      {problem && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          The gates of “{run.name}” could not be analysed: {problem}
        </Text>
      )}
      {result ? (
        <Analysed key={result.run} analysis={result} />
      ) : (
        <Figure
          title="Effective dimension of the gates"
          height={280}
          empty="Press Analyse: N images run through the network, and each layer’s gates are compared across channels."
        >
          {null}
        </Figure>
      )}
    </Stack>
  );
}

interface FormProps {
  run: RunSummary;
  runs: RunSummary[];
  settings: AnalysisSettings;
  onChange(settings: AnalysisSettings): void;
}

function AnalysisForm({ run, runs, settings, onChange }: FormProps) {
  const active = useIsActive();
  const available = useSession((s) => s.device?.available === true);
  const running = useAnalysis((s) => s.running);
  const why = !available ? 'Needs a GPU' : active ? 'Waits until the run in hand is over' : undefined;
  return (
    <Stack gap={6}>
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label="Run"
          value={run.id}
          onChange={(event) => showRun(event.currentTarget.value)}
          data={runs.map(({ id, name }) => ({ value: id, label: name }))}
          maw={280}
        />
        <NumberField
          label="Images"
          value={settings.images}
          min={2}
          max={MOST_IMAGES}
          whole
          step={16}
          onChange={(images) => onChange({ ...settings, images })}
          w={84}
        />
        <NumberField
          label="Seed"
          value={settings.seed}
          min={0}
          whole
          onChange={(seed) => onChange({ ...settings, seed })}
          w={64}
        />
        <NativeSelect
          label="Measure"
          value={settings.measure}
          onChange={(event) =>
            onChange({ ...settings, measure: event.currentTarget.value as AnalysisSettings['measure'] })
          }
          data={[
            { value: 'participation', label: 'Participation ratio' },
            { value: 'entropy', label: 'Eigenvalue entropy' },
          ]}
        />
        {running ? (
          <Button variant="default" onClick={cancelAnalysis}>
            Cancel
          </Button>
        ) : (
          <Button disabled={!available || active} title={why} onClick={() => void analyse(run.id, settings)}>
            Analyse
          </Button>
        )}
      </Group>
      {running && (
        <Group gap="sm" role="status">
          <Progress
            flex={1}
            maw={360}
            size="sm"
            value={running.total > 0 ? (100 * running.done) / running.total : 0}
            aria-label="Analysis"
          />
          <Text size="xs" c="dimmed" className="figures">
            {running.total > 0
              ? `${exactly(running.done)} of ${exactly(running.total)} images, over all sites`
              : 'Opening the network …'}
          </Text>
        </Group>
      )}
    </Stack>
  );
}

const median = (values: number[]) =>
  values.length > 0
    ? quantile(
        values.toSorted((a, b) => a - b),
        0.5,
      )
    : NaN;

function Analysed({ analysis }: { analysis: GateAnalysis }) {
  const { sites } = analysis;
  const [over, setOver] = useState<'images' | 'positions'>('images');
  const [chosen, setChosen] = useState<string | null>(null);
  const site = sites.find(({ id }) => id === chosen) ?? sites[0];
  const stages = [...new Set(sites.map(({ stage }) => stage))];
  return (
    <>
      <Figure
        title="Effective dimension of the gates"
        subtitle={`over channels, normalised by their number; ${exactly(analysis.images)} images; ${analysis.measure === 'participation' ? '(Σλ)²/Σλ²/C' : 'exp(−Σp·ln p)/C'}, our reconstruction`}
        height={356}
        legend={
          <div className="box-legend">
            <SegmentedControl
              aria-label="Box plots over"
              value={over}
              onChange={setOver}
              data={[
                { value: 'images', label: 'Over images' },
                { value: 'positions', label: 'Over positions' },
              ]}
            />
            <span>
              <i style={{ background: 'color-mix(in srgb, var(--stage-3) 40%, transparent)' }} aria-hidden />
              matching positions
            </span>
            <span>
              <i style={{ borderColor: 'var(--chart-ink)' }} aria-hidden />
              shuffled inside each channel
            </span>
            <StageLegend stages={stages} />
          </div>
        }
        table={{
          columns: [
            'Site',
            'Stage',
            'Channels',
            'Matching, median',
            'Shuffled, median',
            'Matching, pooled',
            'Shuffled, pooled',
          ],
          rows: () =>
            sites.map((s) => [
              s.id,
              stageName(s.stage),
              s.shape[0],
              median(s[over].matching).toFixed(4),
              median(s[over].shuffled).toFixed(4),
              s.pooled.matching.toFixed(4),
              s.pooled.shuffled.toFixed(4),
            ]),
        }}
      >
        <BoxPlots
          groups={sites.map((s) => ({
            key: s.id,
            label: shortSite(s.id),
            name: siteName(s.id),
            colour: stageColour(s.stage),
            first: s[over].matching,
            second: s[over].shuffled,
          }))}
          names={['matching', 'shuffled']}
          yLabel="Effective dimension / C"
          xLabel="Site, from the input on (1.0·2 is layer1.0.gate2)"
          selected={site.id}
          onSelect={setChosen}
          height={300}
        />
      </Figure>
      <Text size="xs" c="dimmed" maw={760}>
        Small and below its shuffled control: the layer&rsquo;s channels open and close together, so that few prototypes
        can gate them all. Sites whose images have fewer positions than channels stay low in both: compare the two
        boxes, not their heights.
      </Text>
      <Suggestion analysis={analysis} />
      <SiteGates key={site.id} site={site} />
    </>
  );
}
