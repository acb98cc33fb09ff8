/** An explanation as the tooltip of a small "i", reachable by keyboard. */
import { ActionIcon, Tooltip } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

export function Hint({ children, label = 'Explanation' }: { children: ReactNode; label?: string }) {
  return (
    <Tooltip label={children}>
      <ActionIcon size={18} aria-label={label}>
        <IconInfoCircle size={14} stroke={1.75} />
      </ActionIcon>
    </Tooltip>
  );
}
