/** Says why a job cannot be started on the GPU now; nothing where it can. */
import { Text } from '@mantine/core';
import { useGpuObstacle } from '../gpuJobs.ts';

export function GpuObstacle({ what }: { what: string }) {
  const obstacle = useGpuObstacle();
  return (
    obstacle && (
      <Text size="xs" c="dimmed">
        {what}: {obstacle.toLowerCase().replace('gpu', 'GPU')}.
      </Text>
    )
  );
}
