/** A number before and after a method, with the change: "557.1K → 122.9K DReLUs, −78%". */
import { Text } from '@mantine/core';
import { compact, exactly, signedPercent } from '../../domain/describe.ts';

export function CountsLine({ what, before, after }: { what: string; before: number; after: number }) {
  return (
    <Text size="sm" title={`${exactly(before)} → ${exactly(after)} ${what}`}>
      {compact(before)} → <b>{compact(after)}</b> {what}
      {before > 0 && (
        <Text span inherit c="dimmed">
          {', '}
          {signedPercent(after / before - 1)}
        </Text>
      )}
    </Text>
  );
}
