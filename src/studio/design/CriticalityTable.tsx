/** The runs of the queue with progress and accuracy, and once all are done the ranking of the stages by C_k. */
import { Anchor, Group, Progress, Table, Text } from '@mantine/core';
import { compact, exactly, percent, stageName } from '../../domain/describe.ts';
import type { RunStatus } from '../../training/events.ts';
import { StageDot, stageColour } from '../parts/StageColours.tsx';
import { viewIn } from '../runs/actions.ts';
import type { QueueEntry } from '../stores/queue.ts';
import { useRuns } from '../stores/runs.ts';
import { WideTable } from '../parts/WideTable.tsx';
import type { CriticalityResults } from './criticalityResults.ts';

const STATUS_TITLES: Record<RunStatus, string> = {
  preparing: 'Preparing',
  compiling: 'Compiling shaders',
  running: 'Training',
  paused: 'Paused',
  evaluating: 'Evaluating',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
};

function State({ entry }: { entry: QueueEntry }) {
  const current = useRuns((s) => s.current);
  const live = entry.run !== null && current?.id === entry.run ? current : null;
  if (entry.state === 'running' && live?.progress && live.phase) {
    const { epoch, stepInEpoch, stepsPerEpoch } = live.progress;
    const done = (epoch + stepInEpoch / Math.max(1, stepsPerEpoch)) / Math.max(1, live.phase.epochs);
    return (
      <Group gap={8} wrap="nowrap">
        <Progress value={100 * done} w={72} size="sm" aria-label={`Progress of stage ${entry.stage}`} />
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          epoch {epoch + 1} of {live.phase.epochs}
        </Text>
      </Group>
    );
  }
  const text = {
    waiting: 'Waiting',
    running: live ? (live.detail ?? STATUS_TITLES[live.status]) : 'Interrupted',
    done: 'Done',
    failed: entry.message ?? 'Failed',
    stopped: 'Stopped',
  }[entry.state];
  return (
    <Text size="xs" c={entry.state === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}>
      {text}
    </Text>
  );
}

export function CriticalityTable({ entries, results }: { entries: QueueEntry[]; results: CriticalityResults }) {
  const ranked = new Map(results.ranking?.map((stage) => [stage.stage, stage]));
  const rows = results.ranking
    ? [...entries].sort((a, b) => ranked.get(a.stage)!.rank - ranked.get(b.stage)!.rank)
    : entries;
  const byStage = new Map(results.stages.map((stage) => [stage.stage, stage]));
  return (
    <WideTable label="Criticality of the stages" minWidth={560}>
      <Table aria-label="Criticality of the stages">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={56}>Rank</Table.Th>
            <Table.Th>ReLUs in</Table.Th>
            <Table.Th ta="right">ReLUs</Table.Th>
            <Table.Th ta="right">Accuracy, {results.split}</Table.Th>
            <Table.Th>C, relative</Table.Th>
            <Table.Th>Run</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((entry) => {
            const measured = ranked.get(entry.stage);
            const { relus, accuracy } = byStage.get(entry.stage)!;
            return (
              <Table.Tr key={entry.stage}>
                <Table.Td>{measured?.rank ?? ''}</Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap">
                    <StageDot stage={entry.stage} />
                    {stageName(entry.stage)}
                  </Group>
                </Table.Td>
                <Table.Td ta="right" title={exactly(relus)}>
                  {compact(relus)}
                </Table.Td>
                <Table.Td ta="right">{accuracy === null ? '' : percent(accuracy)}</Table.Td>
                <Table.Td>
                  {measured && (
                    <Group gap={8} wrap="nowrap">
                      <Progress
                        value={100 * measured.criticality}
                        w={96}
                        size="sm"
                        color={stageColour(entry.stage)}
                        aria-label={`Criticality of stage ${entry.stage}`}
                      />
                      {measured.criticality.toFixed(2)}
                    </Group>
                  )}
                </Table.Td>
                <Table.Td>
                  {entry.state === 'done' && entry.run ? (
                    <Anchor
                      component="button"
                      type="button"
                      size="xs"
                      onClick={() => viewIn({ id: entry.run! }, 'live')}
                    >
                      View run
                    </Anchor>
                  ) : (
                    <State entry={entry} />
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </WideTable>
  );
}
