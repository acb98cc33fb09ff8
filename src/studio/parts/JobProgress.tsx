/** Progress of a job on the GPU, in images, with a button to cancel it; nothing for jobs of another kind or run. */
import { Button, Group, Progress, Text } from '@mantine/core';
import { exactly } from '../../domain/describe.ts';
import type { GpuJob } from '../../worker/protocol.ts';
import { cancelJob, useJob } from '../gpuJobs.ts';

const NAMES: Record<GpuJob, { title: string; over: string }> = {
  'masks:evaluate': { title: 'Evaluation', over: 'images' },
  'gates:analyse': { title: 'Analysis', over: 'images over all ReLU layers' },
};

export function JobProgress({ type, run }: { type: GpuJob; run?: string }) {
  const job = useJob((s) => s.job);
  if (job?.type !== type || (run !== undefined && job.run !== run)) return null;
  const { done, total } = job;
  const { title, over } = NAMES[type];
  return (
    <Group gap="sm" wrap="nowrap">
      <Progress
        flex={1}
        maw={360}
        miw={80}
        size="sm"
        value={total > 0 ? (100 * done) / total : 0}
        transitionDuration={0}
        aria-label={title}
      />
      <Text size="xs" c="dimmed">
        {total > 0 ? `${exactly(done)} of ${exactly(total)} ${over}` : 'Opening the network …'}
      </Text>
      <Button size="compact-xs" variant="default" onClick={cancelJob}>
        Cancel
      </Button>
    </Group>
  );
}
