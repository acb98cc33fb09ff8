/**
 * Gate analysis: how redundant the gates of a trained network are. Effective dimension across channels, at matching positions and
 * after shuffling the positions within each channel (DeepShare, Bornfeld & Avidan 2025, Figure 2), and the correlation between
 * the channels of a ReLU layer.
 */
import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { exactly, siteName, stageName } from '../../domain/describe.ts';
import { quantile } from '../../domain/boxPlot.ts';
import type { GateAnalysis, RunSummary } from '../../worker/protocol.ts';
import classes from '../gates/GateAnalysis.module.css';
import { analyse, useAnalysis } from '../gates/analysis.ts';
import type { AnalysisSettings } from '../gates/analysis.ts';
import { SiteGates } from '../gates/SiteGates.tsx';
import { Suggestion } from '../gates/Suggestion.tsx';
import { useGpuObstacle } from '../gpuJobs.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { SelectField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { GpuObstacle } from '../parts/GpuObstacle.tsx';
import { ImportMasks } from '../parts/ImportMasks.tsx';
import { JobProgress } from '../parts/JobProgress.tsx';
import { Reading } from '../parts/Reading.tsx';
import { Figure } from '../parts/Figure.tsx';
import { shortSite } from '../parts/names.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { Term } from '../parts/Term.tsx';
import { StageLegend, stageColour } from '../parts/StageColours.tsx';
import { BoxPlots } from '../plots/BoxPlots.tsx';
import { NoMasksYet, RunPicker, useViewedMasks } from '../runs/RunPicker.tsx';

const DEFAULTS: AnalysisSettings = { images: 64, seed: 1, measure: 'participation' };
const MAX_IMAGES = 1000;
const MEASURES: Option<AnalysisSettings['measure']>[] = [
  { value: 'participation', label: 'Participation ratio' },
  { value: 'entropy', label: 'Eigenvalue entropy' },
];

export default function Gates() {
  const { state, run } = useViewedMasks();
  const [settings, setSettings] = useState<AnalysisSettings>(DEFAULTS);
  const result = useAnalysis((s) => (run ? s.results[run.id] : undefined));
  const problem = useAnalysis((s) => (run && s.problem?.run === run.id ? s.problem.message : null));

  if (state === 'reading') return <Reading what="runs" />;
  if (state === 'none')
    return (
      <EmptyState title="No trained network yet" action={<ImportMasks />}>
        This tab measures how many independent gates each ReLU layer of a finished run has: channels whose gates open
        together can share one DReLU. Train a network, or import masks with their weights.
      </EmptyState>
    );
  if (state === 'unfinished')
    return (
      <Stack gap="md">
        <RunPicker run={run} />
        <NoMasksYet run={run} what="Gates can be analyzed" />
      </Stack>
    );
  return (
    <Stack gap="md">
      <AnalysisForm run={run} settings={settings} onChange={setSettings} />
      {problem && (
        <ErrorLine verb="Retry" onAct={() => void analyse(run.id, settings)}>
          The gates of “{run.name}” could not be analyzed: {problem}
        </ErrorLine>
      )}
      {result ? (
        <Analysed key={result.run} analysis={result} />
      ) : (
        <Figure
          title="Effective dimension of the gates"
          height={280}
          empty="Select Analyze to run N images through the network and compare the gates of each ReLU layer across channels."
        >
          {null}
        </Figure>
      )}
    </Stack>
  );
}

interface FormProps {
  run: RunSummary;
  settings: AnalysisSettings;
  onChange(settings: AnalysisSettings): void;
}

function AnalysisForm({ run, settings, onChange }: FormProps) {
  const obstacle = useGpuObstacle();
  return (
    <Stack gap={6}>
      <Group gap="sm" align="flex-end">
        <RunPicker run={run} />
        <NumberField
          label="Images"
          value={settings.images}
          min={2}
          max={MAX_IMAGES}
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
        <SelectField
          label="Measure"
          value={settings.measure}
          options={MEASURES}
          onChange={(measure) => onChange({ ...settings, measure })}
        />
        <Button disabled={obstacle !== null} onClick={() => void analyse(run.id, settings)}>
          Analyze
        </Button>
      </Group>
      <GpuObstacle what="Analysis" />
      <JobProgress type="gates:analyse" />
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
        subtitle={`over channels, normalised by their number; ${exactly(analysis.images)} images; ${analysis.measure === 'participation' ? '(Σλ)²/Σλ²/C' : 'exp(−Σp·ln p)/C'}, our implementation`}
        height={356}
        legend={
          <div className={classes.legend}>
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
              shuffled within each channel
            </span>
            <StageLegend stages={stages} />
          </div>
        }
        table={{
          columns: [
            'ReLU layer',
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
          xLabel="ReLU layer, input to output (1.0·2 is layer1.0.gate2)"
          selected={site.id}
          onSelect={setChosen}
          height={300}
        />
      </Figure>
      <Text size="xs" c="dimmed" maw={760}>
        A low value that is below its shuffled control means that the channels open and close together, so that few{' '}
        <Term of="prototype">prototype channels</Term> can gate them all. Layers with fewer positions than channels are
        low in both: compare the two boxes rather than their heights.
      </Text>
      <Suggestion analysis={analysis} />
      <SiteGates key={site.id} site={site} />
    </>
  );
}
