/**
 * Where private inference would run: bandwidths, threads, which side garbles. Changes every latency the page shows and nothing
 * about training (domain/latency.ts has the model, domain/latencyConstants.ts its constants).
 */
import { Button, Group, Input, SegmentedControl, Stack, Text } from '@mantine/core';
import { DEFAULT_SETTINGS } from '../../domain/latency.ts';
import { SliderNumber } from '../design/SliderNumber.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { useLatency } from '../stores/latency.ts';

const LINKS = [
  { title: '100 / 500', up: 100, down: 500, hint: 'The setting of the published totals' },
  { title: '10 / 50', up: 10, down: 50, hint: 'A slow line' },
  { title: '1000 / 1000', up: 1000, down: 1000, hint: 'A local network' },
];

export function Latency() {
  const { settings, set, reset } = useLatency();
  const garblesHere = settings.garbler === 'server';
  const changed = JSON.stringify(settings) !== JSON.stringify(DEFAULT_SETTINGS);
  return (
    <Stack gap="sm" role="group" aria-label="Latency settings">
      <Input.Wrapper
        label="Bandwidth"
        description="Client to server, and back; megabits a second"
        size="xs"
        labelElement="div"
      >
        <Group gap={6} mt={4} mb={6}>
          {LINKS.map(({ title, up, down, hint }) => (
            <Button
              key={title}
              size="compact-xs"
              variant={settings.uploadMbps === up && settings.downloadMbps === down ? 'light' : 'default'}
              title={`${up} Mb/s up, ${down} Mb/s down. ${hint}`}
              aria-label={`${title}: ${up} Mb/s up, ${down} Mb/s down; ${hint}`}
              onClick={() => set({ uploadMbps: up, downloadMbps: down })}
            >
              {title}
            </Button>
          ))}
        </Group>
        <Group gap="xs" grow>
          <NumberField
            label="Up"
            unit="Mb/s"
            value={settings.uploadMbps}
            min={0}
            above
            factor={2}
            onChange={(uploadMbps) => set({ uploadMbps })}
          />
          <NumberField
            label="Down"
            unit="Mb/s"
            value={settings.downloadMbps}
            min={0}
            above
            factor={2}
            onChange={(downloadMbps) => set({ downloadMbps })}
          />
        </Group>
      </Input.Wrapper>
      <Input.Wrapper
        label="Who garbles"
        description={
          garblesHere
            ? 'The server; the client stores and evaluates the circuits (measured)'
            : 'The client; the server stores and evaluates (derived from the same measurements)'
        }
        size="xs"
        labelElement="div"
      >
        <SegmentedControl
          fullWidth
          mt={4}
          mb={4}
          aria-label="Who garbles"
          value={settings.garbler}
          onChange={(garbler) => set({ garbler })}
          data={[
            { value: 'server', label: 'Server' },
            { value: 'client', label: 'Client' },
          ]}
        />
      </Input.Wrapper>
      <Input.Wrapper
        label="Server threads for HE"
        description="Convolutions under homomorphic encryption, offline (measured up to 17)"
        size="xs"
        labelElement="div"
      >
        <SliderNumber
          name="Server threads for HE"
          value={settings.heThreads}
          min={1}
          max={17}
          step={1}
          least={1}
          most={17}
          whole
          onChange={(heThreads) => set({ heThreads })}
        />
      </Input.Wrapper>
      <Input.Wrapper
        label={`Server threads that ${garblesHere ? 'garble' : 'evaluate'}`}
        description={garblesHere ? 'Offline' : 'Online'}
        size="xs"
        labelElement="div"
      >
        <SliderNumber
          name="Server threads for circuits"
          value={settings.serverThreads}
          min={1}
          max={64}
          step={1}
          least={1}
          most={64}
          whole
          onChange={(serverThreads) => set({ serverThreads })}
        />
      </Input.Wrapper>
      <Input.Wrapper
        label={`Client threads that ${garblesHere ? 'evaluate' : 'garble'}`}
        description={garblesHere ? 'Online' : 'Offline'}
        size="xs"
        labelElement="div"
      >
        <SliderNumber
          name="Client threads for circuits"
          value={settings.clientThreads}
          min={1}
          max={4}
          step={1}
          least={1}
          most={4}
          whole
          onChange={(clientThreads) => set({ clientThreads })}
        />
      </Input.Wrapper>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="xs" c="dimmed">
          Server: AMD EPYC 7502. Client: Intel Atom Z8350.
        </Text>
        <Button size="compact-xs" variant="default" flex="none" disabled={!changed} onClick={reset}>
          Reset
        </Button>
      </Group>
    </Stack>
  );
}
