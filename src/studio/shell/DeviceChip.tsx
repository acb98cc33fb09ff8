/** The GPU: its name, whether it is hardware or software, and the memory that the current run uses of the adapter's limit. */
import { Badge, Popover, Stack, Text, UnstyledButton, Button } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useState } from 'react';
import { bytes } from '../../domain/describe.ts';
import type { DeviceInfo } from '../../worker/protocol.ts';
import { tellError, tellNote } from '../notify.ts';
import { ask } from '../link.ts';
import { useRuns } from '../stores/runs.ts';
import { useSession } from '../stores/session.ts';
import classes from './DeviceChip.module.css';

/** Browsers report vendors and architectures in lower case. */
const SPELLINGS: Record<string, string> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  arm: 'Arm',
  swiftshader: 'SwiftShader',
  llvmpipe: 'llvmpipe',
  lavapipe: 'lavapipe',
};

const spelled = (word: string) => SPELLINGS[word.toLowerCase()] ?? word.charAt(0).toUpperCase() + word.slice(1);

/** A short name: "NVIDIA Ampere", "SwiftShader". */
export function deviceName(device: DeviceInfo): string {
  if (!device.available) return 'No GPU';
  const reported = device.description
    .replace(/\(.*?\)|\bVulkan\b|\bDirect3D\S*|\bANGLE\b/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const words = (reported || `${device.vendor} ${device.architecture}`.trim() || 'GPU').split(' ').map(spelled);
  return words.includes('SwiftShader') ? 'SwiftShader' : words.join(' ');
}

function resetTuning(): void {
  ask({ type: 'tuning:reset' }).then(
    () => tellNote('Kernel tuning reset', 'The next run measures tile sizes again.'),
    (error: unknown) => tellError('Kernel tuning could not be reset', error),
  );
}

export function DeviceChip() {
  const device = useSession((s) => s.device);
  const memory = useRuns((s) => s.current?.memory ?? null);
  const [opened, setOpened] = useState(false);
  if (!device)
    return (
      <Badge variant="default" tt="none" fw={500} visibleFrom="xs">
        Looking for a GPU …
      </Badge>
    );
  const state = !device.available ? 'missing' : device.software ? 'software' : 'real';
  const used = memory ? bytes(memory.bytes) : null;
  const limit = memory?.limit ? bytes(memory.limit) : null;
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      width={300}
      position="bottom-end"
      shadow="md"
      withArrow
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <UnstyledButton
          className={classes.chip}
          data-state={state}
          onClick={() => setOpened(!opened)}
          aria-label={`Device: ${[deviceName(device), state === 'software' && 'software, slow', used].filter(Boolean).join(' ')}`}
        >
          <IconCpu size={15} stroke={1.75} />
          <span className={classes.text}>{deviceName(device)}</span>{' '}
          {state === 'software' && <span className={classes.note}>software, slow</span>}{' '}
          {used && <span className={classes.note}>{used}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="sm" fw={600}>
            {deviceName(device)}
          </Text>
          {state === 'missing' && <Text size="sm">{device.reason}</Text>}
          {state === 'software' && (
            <Text size="sm">
              Software (CPU) rendering: for trial runs only, about a hundred times slower than a hardware GPU. Use
              narrow networks and the built-in data.
            </Text>
          )}
          {state !== 'missing' && (
            <>
              <dl className={classes.facts}>
                <dt>Vendor</dt>
                <dd>{[device.vendor, device.architecture].filter(Boolean).join(', ') || 'unknown'}</dd>
                <dt>Half precision</dt>
                <dd>{device.features.includes('shader-f16') ? 'available' : 'not available'}</dd>
                <dt>Largest buffer</dt>
                <dd>{bytes(device.limits.maxStorageBufferBindingSize)}</dd>
                {used && (
                  <>
                    <dt>In use</dt>
                    <dd>{limit ? `${used} of ${limit}` : used}</dd>
                  </>
                )}
              </dl>
              <Button variant="default" size="compact-xs" onClick={resetTuning}>
                Reset kernel tuning
              </Button>
            </>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
