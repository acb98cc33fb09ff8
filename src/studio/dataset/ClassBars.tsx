/** Images per class: labelled bars, or for more than twenty classes a strip with tooltips and a table for screen readers. */
import { Box, Text } from '@mantine/core';
import { exactly } from '../../domain/describe.ts';
import type { DataSummary } from '../../worker/protocol.ts';
import classes from './dataset.module.css';

const MAX_BARS = 20;

export function ClassBars({ data, part }: { data: DataSummary; part: 'train' | 'test' }) {
  const counts = data[part].perClass;
  const most = Math.max(1, ...counts);
  if (data[part].images === 0)
    return (
      <Text size="xs" c="dimmed">
        No {part === 'train' ? 'training' : 'test'} images yet.
      </Text>
    );
  if (counts.length > MAX_BARS)
    return (
      <Box>
        <Text size="xs" c="dimmed" mb={4}>
          {exactly(counts.length)} classes, {exactly(Math.min(...counts))} to {exactly(most)} images each
        </Text>
        <div className={classes.strip} aria-hidden>
          {counts.map((count, i) => (
            <span
              key={i}
              title={`${data.classes[i]}: ${exactly(count)}`}
              style={{ height: `${(count / most) * 100}%` }}
            />
          ))}
        </div>
        <table className={classes.hidden} aria-label="Images per class">
          <tbody>
            {counts.map((count, i) => (
              <tr key={i}>
                <th scope="row">{data.classes[i]}</th>
                <td>{exactly(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Box>
    );
  return (
    <dl className={classes.bars}>
      {counts.map((count, i) => (
        <div key={i}>
          <dt title={data.classes[i]}>{data.classes[i]}</dt>
          <dd>
            <span className={classes.bar} style={{ width: `${(count / most) * 100}%` }} />
            <span>{exactly(count)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
