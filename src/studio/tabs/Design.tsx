/** Which network to train: widths by equalization, what it would cost in private inference, which stages matter. */
import { Box, SegmentedControl, Stack } from '@mantine/core';
import { CriticalityPart } from '../design/CriticalityPart.tsx';
import classes from '../design/Design.module.css';
import { LatencyPart } from '../design/LatencyPart.tsx';
import { WidthsPart } from '../design/WidthsPart.tsx';
import { useDesign } from '../stores/design.ts';
import type { DesignPart } from '../stores/design.ts';

const PARTS: Record<DesignPart, string> = { widths: 'Stage widths', latency: 'Latency', criticality: 'Criticality' };

export default function Design() {
  const part = useDesign((s) => s.part);
  const patch = useDesign((s) => s.patch);
  return (
    <Stack gap="md" className={classes.root}>
      <Box>
        <SegmentedControl
          aria-label="Part of the design"
          value={part}
          onChange={(next) => patch({ part: next })}
          data={Object.entries(PARTS).map(([value, label]) => ({ value: value as DesignPart, label }))}
        />
      </Box>
      {part === 'widths' && <WidthsPart />}
      {part === 'latency' && <LatencyPart />}
      {part === 'criticality' && <CriticalityPart />}
    </Stack>
  );
}
