/** The three parties with what each holds, and what passes between client and server as it comes. */
import { Badge, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { bytes, exactly } from '../../domain/describe.ts';
import { useInference } from './parties.ts';

const PARTIES = [
  { role: 'client', title: 'Client', holds: 'images, half of every activation as random shares' },
  { role: 'server', title: 'Server', holds: 'weights, the other half of every activation' },
  { role: 'dealer', title: 'Dealer', holds: 'random seeds only: no image, no weight, no share' },
] as const;

export function PartiesDrawing() {
  const progress = useInference((s) => s.progress);
  const running = useInference((s) => s.running);
  const result = useInference((s) => s.result);
  const client = progress.client;
  const where = !client
    ? running
      ? 'Starting the parties'
      : 'Not started'
    : client.phase === 'done'
      ? 'Finished'
      : `${client.phase}: ${client.layer}`;
  return (
    <Stack gap="xs" component="section" aria-label="Parties">
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        {PARTIES.map(({ role, title, holds }) => (
          <Paper key={role} withBorder p="sm">
            <Text size="sm" fw={600}>
              {title}
            </Text>
            <Text size="xs" c="dimmed">
              Holds {holds}.
            </Text>
          </Paper>
        ))}
      </SimpleGrid>
      <Group gap="md" role="status" aria-label="Private inference status">
        <Badge variant="light" color={running ? undefined : 'gray'} tt="none">
          {where}
        </Badge>
        {client && (
          <Text size="sm" className="figures">
            client → server {bytes(client.sent)} · server → client {bytes(client.received)} · {exactly(client.rounds)}{' '}
            rounds
          </Text>
        )}
        {result && (
          <Text size="sm" className="figures">
            dealer → client {bytes(result.dealerBytes)}
          </Text>
        )}
      </Group>
    </Stack>
  );
}
