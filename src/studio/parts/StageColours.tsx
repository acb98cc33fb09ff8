/**
 * Colours of the stages: fixed steps of one sequential scale (teal to violet; light and dark versions in theme.ts), the same
 * wherever a stage appears. Stage 0 is the stem.
 */
import { Group, Text } from '@mantine/core';
import { stageName } from '../../domain/describe.ts';

const STEPS = 6;

/** CSS colour of a stage, for `style`, `fill` and `stroke`. */
export const stageColour = (stage: number): string => `var(--stage-${Math.max(0, Math.min(STEPS, stage))})`;

export function StageDot({ stage, size = 10 }: { stage: number; size?: number }) {
  return (
    <span
      aria-hidden
      style={{
        display: 'inline-block',
        width: size,
        height: size,
        borderRadius: 2,
        background: stageColour(stage),
        flex: 'none',
      }}
    />
  );
}

/** A legend of the stages given, in order. */
export function StageLegend({ stages }: { stages: number[] }) {
  return (
    <Group gap="sm" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {stages.map((stage) => (
        <Group key={stage} gap={6} component="li" wrap="nowrap">
          <StageDot stage={stage} />
          <Text size="xs" c="dimmed">
            {stageName(stage)}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
