/**
 * Settings of the latency model: bandwidths, threads, garbler. They change every latency on the page and nothing about training
 * (domain/latency.ts has the model, domain/latencyConstants.ts its constants).
 */
import { Button, Group, Stack, Text } from '@mantine/core';
import { DEFAULT_SETTINGS } from '../../domain/latency.ts';
import type { LatencySettings } from '../../domain/latency.ts';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { offerUndo } from '../notify.ts';
import { ChoiceField, FieldBlock } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { Term } from '../parts/Term.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { useLatency } from '../stores/latency.ts';

const LINKS = [
  { title: '100 / 500', up: 100, down: 500, hint: 'The setting of the published totals' },
  { title: '10 / 50', up: 10, down: 50, hint: 'A slow connection' },
  { title: '1000 / 1000', up: 1000, down: 1000, hint: 'A local network' },
];

const BANDWIDTHS = [
  { key: 'uploadMbps', label: 'Upload' },
  { key: 'downloadMbps', label: 'Download' },
] as const;

const GARBLERS: Option<LatencySettings['garbler']>[] = [
  {
    value: 'server',
    label: 'Server',
    about: 'The client stores and evaluates the circuits (measured)',
  },
  {
    value: 'client',
    label: 'Client',
    about: 'The server stores and evaluates the circuits (derived from the same measurements)',
  },
];

interface Threads {
  key: 'heThreads' | 'serverThreads' | 'clientThreads';
  /** Accessible name, which does not depend on the garbler. */
  name: string;
  label: string;
  hint: string;
  most: number;
}

function threadsOf(garbler: LatencySettings['garbler']): Threads[] {
  const serverGarbles = garbler === 'server';
  return [
    {
      key: 'heThreads',
      name: 'Server threads for HE',
      label: 'Server threads for HE',
      hint: 'Homomorphic encryption of convolutions, offline (measured up to 17)',
      most: 17,
    },
    {
      key: 'serverThreads',
      name: 'Server threads for circuits',
      label: `Server threads that ${serverGarbles ? 'garble' : 'evaluate'}`,
      hint: serverGarbles ? 'Offline' : 'Online',
      most: 64,
    },
    {
      key: 'clientThreads',
      name: 'Client threads for circuits',
      label: `Client threads that ${serverGarbles ? 'evaluate' : 'garble'}`,
      hint: serverGarbles ? 'Online' : 'Offline',
      most: 4,
    },
  ];
}

function resetAll(): void {
  const { settings, set, reset } = useLatency.getState();
  reset();
  offerUndo('Latency settings were reset to the published ones.', () => set(settings));
}

export function Latency() {
  const settings = useLatency((s) => s.settings);
  const set = useLatency((s) => s.set);
  const changed = JSON.stringify(settings) !== JSON.stringify(DEFAULT_SETTINGS);
  return (
    <Stack gap="sm" role="group" aria-label="Latency settings">
      <FieldBlock label="Bandwidth" hint="From and to the client, in megabits per second">
        <Group gap={6} mt={4} mb={6}>
          {LINKS.map(({ title, up, down, hint }) => {
            const chosen = settings.uploadMbps === up && settings.downloadMbps === down;
            return (
              <Button
                key={title}
                size="compact-xs"
                variant={chosen ? 'light' : 'default'}
                aria-pressed={chosen}
                title={`upload ${up} Mb/s, download ${down} Mb/s. ${hint}`}
                aria-label={`${title}: upload ${up} Mb/s, download ${down} Mb/s; ${hint}`}
                onClick={() => set({ uploadMbps: up, downloadMbps: down })}
              >
                {title}
              </Button>
            );
          })}
        </Group>
        <Group gap="xs" grow align="flex-start">
          {BANDWIDTHS.map(({ key, label }) => (
            <NumberField
              key={key}
              label={label}
              unit="Mb/s"
              value={settings[key]}
              min={0}
              above
              factor={2}
              onChange={(value) => set({ [key]: value })}
            />
          ))}
        </Group>
      </FieldBlock>
      <ChoiceField
        label={<Term of="garbler">Garbler</Term>}
        name="Garbler"
        value={settings.garbler}
        options={GARBLERS}
        onChange={(garbler) => set({ garbler })}
      />
      {threadsOf(settings.garbler).map(({ key, name, label, hint, most }) => (
        <FieldBlock key={key} label={label} hint={hint}>
          <SliderNumber
            name={name}
            value={settings[key]}
            min={1}
            max={most}
            step={1}
            limits={{ min: 1, max: most, whole: true }}
            w={72}
            onChange={(threads) => set({ [key]: threads })}
          />
        </FieldBlock>
      ))}
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="xs" c="dimmed">
          Server: AMD EPYC 7502. Client: Intel Atom Z8350.
        </Text>
        <Button size="compact-xs" variant="default" flex="none" disabled={!changed} onClick={resetAll}>
          Reset
        </Button>
      </Group>
    </Stack>
  );
}
