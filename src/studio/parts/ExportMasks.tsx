/** The button that exports the two files of a run; busy while the worker reads them. */
import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSummary } from '../../worker/protocol.ts';
import { exportMasks } from '../exports.ts';

export function ExportMasks({ run }: { run: Pick<RunSummary, 'id' | 'name'> }) {
  const [busy, setBusy] = useState(false);
  const act = async () => {
    setBusy(true);
    await exportMasks(run);
    setBusy(false);
  };
  return (
    <Button
      leftSection={<IconDownload size={15} />}
      aria-disabled={busy || undefined}
      onClick={() => !busy && void act()}
    >
      {busy ? 'Exporting …' : 'Export masks'}
    </Button>
  );
}
