/** Pareto: finished runs against published results, with the trail of the current run. */
import { ActionIcon, Button, Group, Menu, NativeSelect, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useWindowEvent } from '@mantine/hooks';
import { useMemo, useRef, useState } from 'react';
import { datasetName, exactly, percent } from '../../domain/describe.ts';
import { exportMasks } from '../exports.ts';
import { download } from '../files.ts';
import { tellError } from '../notify.ts';
import { ParetoPlot } from '../pareto/ParetoPlot.tsx';
import type { Trail } from '../pareto/TrailMarks.tsx';
import { ownPoints, pointsCsv, publishedFor, trailOf } from '../pareto/points.ts';
import type { DatasetName } from '../pareto/points.ts';
import { usePublished } from '../pareto/published.ts';
import { PublishedLegend } from '../pareto/PublishedLegend.tsx';
import { Figure } from '../parts/Figure.tsx';
import { METHOD_STYLES, styledMethodOf } from '../parts/MethodMark.tsx';
import { Term } from '../parts/Term.tsx';
import { savePng, saveSvg } from '../plots/picture.ts';
import { viewRun } from '../lists.ts';
import { useExperiment } from '../stores/experiment.ts';
import { isActive, useRunList, useRuns, useViewedRun } from '../stores/runs.ts';

const DATASETS: DatasetName[] = ['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet'];

/** The current run with its epochs so far; null while none is active on this data set. */
function useTrail(dataset: DatasetName): Trail | null {
  const run = useRuns((s) => (isActive(s.current) ? s.current.id : null));
  const name = useRuns((s) => s.current?.name ?? '');
  const experiment = useRuns((s) => s.current?.experiment);
  const history = useRuns((s) => (run ? s.histories[run] : undefined));
  return useMemo(() => {
    if (run === null || experiment?.dataset.name !== dataset) return null;
    return { name, method: styledMethodOf(experiment), points: trailOf(history) };
  }, [run, name, experiment, history, dataset]);
}

/** Height of everything above and below the plot, in pixels: bars, title, legend, note. */
const SURROUNDINGS = 268;

/** The height that leaves the legend in view. */
function usePlotHeight(): number {
  const [height, setHeight] = useState(window.innerHeight);
  useWindowEvent('resize', () => setHeight(window.innerHeight));
  return Math.min(900, Math.max(400, height - SURROUNDINGS));
}

export default function Pareto() {
  const height = usePlotHeight();
  const ofExperiment = useExperiment((s) => s.experiment.dataset.name);
  const [chosen, setChosen] = useState<DatasetName | null>(null);
  const [hidden, setHidden] = useState<Set<string>>(new Set());
  const dataset = chosen ?? ofExperiment;
  const runs = useRunList();
  const viewed = useViewedRun();
  const { points, problem } = usePublished();
  const trail = useTrail(dataset);
  const svg = useRef<SVGSVGElement>(null);

  const all = useMemo(() => ownPoints(runs ?? []), [runs]);
  const own = useMemo(() => all.filter((point) => point.dataset === dataset), [all, dataset]);
  const reference = publishedFor(dataset);
  const ofReference = useMemo(() => points.filter((point) => point.dataset === reference), [points, reference]);
  const methods = useMemo(() => [...new Set(ofReference.map(({ method }) => method))], [ofReference]);
  const published = useMemo(() => ofReference.filter(({ method }) => !hidden.has(method)), [ofReference, hidden]);

  const marked = own.find(({ run }) => run === viewed?.id);
  const picture = (save: (svg: SVGSVGElement, name: string) => void | Promise<void>) => {
    if (!svg.current) return;
    Promise.resolve(save(svg.current, `pareto-${dataset}`)).catch((error: unknown) =>
      tellError('The picture could not be saved', error),
    );
  };

  return (
    <Stack gap="xs">
      <Figure
        title="Accuracy over DReLUs"
        subtitle={
          own.length === 0
            ? 'no finished run on this data set yet'
            : `${own.length} ${own.length === 1 ? 'run' : 'runs'} of yours on ${datasetName(dataset)}`
        }
        height={height}
        actions={
          <Group gap={6} wrap="nowrap">
            <NativeSelect
              aria-label="Data set"
              value={dataset}
              onChange={(event) => setChosen(event.currentTarget.value as DatasetName)}
              data={DATASETS.map((name) => ({ value: name, label: datasetName(name) }))}
            />
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon aria-label="Save the plot" size={30} variant="default">
                  <IconDownload size={16} stroke={1.75} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={() => download(`pareto-${dataset}.csv`, pointsCsv(own, published), 'text/csv')}>
                  Points as CSV
                </Menu.Item>
                <Menu.Item onClick={() => picture(saveSvg)}>Picture as SVG</Menu.Item>
                <Menu.Item onClick={() => picture(savePng)}>Picture as PNG</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        }
        table={{
          columns: ['Name', 'Method', 'Network', 'DReLUs', 'Accuracy', 'Split', 'Source'],
          rows: () => [
            ...own
              .toSorted((a, b) => a.drelus - b.drelus)
              .map((p) => [
                p.name,
                METHOD_STYLES[p.method].title,
                p.network,
                exactly(p.drelus),
                percent(p.accuracy),
                p.split,
                'own run',
              ]),
            ...published
              .toSorted((a, b) => a.drelus - b.drelus)
              .map((p) => ['published', p.method, p.network, exactly(p.drelus), percent(p.accuracy), 'test', p.source]),
          ],
        }}
      >
        <ParetoPlot
          own={own}
          published={published}
          trail={trail}
          selected={marked?.run ?? null}
          onSelect={viewRun}
          svgRef={svg}
          height={height}
          beside={
            marked
              ? {
                  run: marked.run,
                  content: (
                    <Button
                      size="compact-xs"
                      leftSection={<IconDownload size={13} />}
                      onClick={() => void exportMasks({ id: marked.run, name: marked.name })}
                    >
                      Export masks
                    </Button>
                  ),
                }
              : null
          }
        />
      </Figure>
      <PublishedLegend methods={methods} hidden={hidden} onChange={setHidden} />
      <Text size="xs" c="dimmed">
        Hollow grey: published results on {datasetName(reference)}
        {dataset === 'synthetic' && ' (other data than your runs: not directly comparable)'}. Dashed:{' '}
        <Term of="paretoFront" /> of your runs.
        {own.some(({ split }) => split === 'validation') &&
          ' Runs without a test split are plotted at their validation accuracy.'}
        {own.some(({ split }) => split === 'best test epoch') &&
          ' Runs with the paper protocol are plotted at their best test epoch, which is too high.'}
      </Text>
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
    </Stack>
  );
}
