/** Pareto: every finished run against what is published, the running one on its way. */
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
import { ownPoints, pointsCsv, publishedBeside, trailOf } from '../pareto/points.ts';
import type { DatasetName } from '../pareto/points.ts';
import { usePublished } from '../pareto/published.ts';
import { PublishedLegend } from '../pareto/PublishedLegend.tsx';
import { Figure } from '../parts/Figure.tsx';
import { METHOD_STYLES, styledMethodOf } from '../parts/MethodMark.tsx';
import { savePng, saveSvg } from '../plots/picture.ts';
import { showRun } from '../lists.ts';
import { useExperiment } from '../stores/experiment.ts';
import { useRuns } from '../stores/runs.ts';
import { isActive, useSession } from '../stores/session.ts';

const DATASETS: DatasetName[] = ['synthetic', 'cifar-10', 'cifar-100', 'tiny-imagenet'];

/** The run in hand and its epochs so far; null while none is being trained. */
function useTrail(dataset: DatasetName): Trail | null {
  const current = useSession((s) => s.current);
  const history = useRuns((s) => (current ? s.histories[current.id] : undefined));
  const summary = useRuns((s) => s.runs?.find(({ id }) => id === current?.id));
  return useMemo(() => {
    if (!isActive(current) || !summary || summary.experiment.dataset.name !== dataset) return null;
    return { name: current.name, method: styledMethodOf(summary.experiment), points: trailOf(history) };
  }, [current, summary, history, dataset]);
}

/** Pixels above and below the plot: bars, title, legend, note. */
const AROUND = 268;

/** As high as the window lets it be with the legend still in view. */
function usePlotHeight(): number {
  const [height, setHeight] = useState(window.innerHeight);
  useWindowEvent('resize', () => setHeight(window.innerHeight));
  return Math.min(900, Math.max(400, height - AROUND));
}

export default function Pareto() {
  const height = usePlotHeight();
  const ofExperiment = useExperiment((s) => s.experiment.dataset.name);
  const [chosen, setChosen] = useState<DatasetName | null>(null);
  const [hidden, setHidden] = useState<Set<string>>(new Set());
  const dataset = chosen ?? ofExperiment;
  const runs = useRuns((s) => s.runs);
  const shown = useRuns((s) => s.shown);
  const { points, problem } = usePublished();
  const trail = useTrail(dataset);
  const svg = useRef<SVGSVGElement>(null);

  const all = useMemo(() => ownPoints(runs ?? []), [runs]);
  const own = useMemo(() => all.filter((point) => point.dataset === dataset), [all, dataset]);
  const reference = publishedBeside(dataset);
  const ofReference = useMemo(() => points.filter((point) => point.dataset === reference), [points, reference]);
  const methods = useMemo(() => [...new Set(ofReference.map(({ method }) => method))], [ofReference]);
  const published = useMemo(() => ofReference.filter(({ method }) => !hidden.has(method)), [ofReference, hidden]);

  const marked = own.find(({ run }) => run === shown) ?? own.at(0);
  const picture = (save: (svg: SVGSVGElement, name: string) => void | Promise<void>) => {
    if (!svg.current) return;
    Promise.resolve(save(svg.current, `pareto-${dataset}`)).catch((error: unknown) =>
      tellError('The picture could not be saved', error),
    );
  };

  return (
    <Stack gap="xs">
      <Figure
        title="DReLUs against accuracy"
        subtitle={
          own.length === 0
            ? 'no finished run on this data yet: train one and it appears here'
            : `${own.length} own ${own.length === 1 ? 'run' : 'runs'} on ${datasetName(dataset)}`
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
                'this studio',
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
          onSelect={showRun}
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
        {dataset === 'synthetic' && ', other data than these runs: for orientation only'}. Dashed: the best of your own
        runs within so many DReLUs.
        {own.some(({ split }) => split === 'validation') &&
          ' Runs without a test split stand at their validation accuracy.'}
        {own.some(({ split }) => split === 'best test epoch') &&
          ' Runs under the paper protocol stand at their best test epoch, which flatters them.'}
      </Text>
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      )}
    </Stack>
  );
}
