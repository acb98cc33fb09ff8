/** A notice where WebGPU is missing: how to enable it, and what works without it. */
import { Alert, Text } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useState } from 'react';
import { useSession } from '../stores/session.ts';

export function NoGpu() {
  const device = useSession((s) => s.device);
  const [closed, setClosed] = useState(false);
  if (!device || device.available || closed) return null;
  return (
    <Alert
      m="md"
      mb="xs"
      variant="light"
      color="gray"
      icon={<IconCpu size={18} />}
      title="Training requires WebGPU"
      withCloseButton
      closeButtonLabel="Close"
      onClose={() => setClosed(true)}
    >
      <Text size="sm">{device.reason}</Text>
      <Text size="sm" c="dimmed" mt={4}>
        Everything else works without it: designing networks, counts, latency, published results, data, and existing
        runs and masks.
      </Text>
    </Alert>
  );
}
