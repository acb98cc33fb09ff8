/** Images per class as quiet bars; above twenty classes a strip whose bars are named on hover, the numbers in a table for readers. */
import { Box, Text } from '@mantine/core';
import { exactly } from '../../domain/describe.ts';
import type { DataSummary } from '../../worker/protocol.ts';

const FEW = 20;

export function ClassBars({ data, part }: { data: DataSummary; part: 'train' | 'test' }) {
  const counts = data[part].perClass;
  const most = Math.max(1, ...counts);
  if (data[part].images === 0)
    return (
      <Text size="xs" c="dimmed">
        No {part === 'train' ? 'training' : 'test'} images yet.
      </Text>
    );
  if (counts.length > FEW)
    return (
      <Box>
        <Text size="xs" c="dimmed" mb={4} className="figures">
          {exactly(counts.length)} classes, {exactly(Math.min(...counts))} to {exactly(most)} images each
        </Text>
        <div className="class-strip" aria-hidden>
          {counts.map((count, i) => (
            <span
              key={i}
              title={`${data.classes[i]}: ${exactly(count)}`}
              style={{ height: `${(count / most) * 100}%` }}
            />
          ))}
        </div>
        <table className="visually-hidden" aria-label="Images of each class">
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
    <dl className="class-bars">
      {counts.map((count, i) => (
        <div key={i}>
          <dt title={data.classes[i]}>{data.classes[i]}</dt>
          <dd>
            <span className="bar" style={{ width: `${(count / most) * 100}%` }} />
            <span className="figures">{exactly(count)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
