/** Exports a run: masks with weights, or one file for another program; busy while the worker writes them. */
import { Button, Menu, Text } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { EXPORT_FORMATS } from '../../domain/exportFormats.ts';
import type { RunSummary } from '../../worker/protocol.ts';
import { exportMasks, exportRun } from '../exports.ts';
import classes from './ExportMasks.module.css';

export function ExportMasks({ run }: { run: Pick<RunSummary, 'id' | 'name'> }) {
  const [busy, setBusy] = useState(false);
  const act = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    await work();
    setBusy(false);
  };
  return (
    <Button.Group className={classes.split}>
      <Button
        leftSection={<IconDownload size={15} />}
        aria-disabled={busy || undefined}
        onClick={() => void act(() => exportMasks(run))}
      >
        {busy ? 'Exporting …' : 'Export masks'}
      </Button>
      <Menu position="bottom-end" width={300} shadow="md">
        <Menu.Target>
          <Button px={8} aria-label="Export in another format" aria-disabled={busy || undefined}>
            <IconChevronDown size={15} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {EXPORT_FORMATS.map((format) => (
            <Menu.Item key={format.name} onClick={() => void act(() => exportRun(run, format))}>
              {format.title}
              <Text span size="xs" c="dimmed" display="block">
                {format.hint}
              </Text>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Button.Group>
  );
}
