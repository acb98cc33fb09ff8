/** The private result beside the plain ones: per image, and in sum. */
import { Stack, Table, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { exactly, seconds } from '../../domain/describe.ts';
import { WideTable } from '../parts/WideTable.tsx';
import { agreementOf, predicted } from './figures.ts';
import { useInference } from './parties.ts';

/** Rows shown; the sums cover all images. */
const MOST_ROWS = 12;

export function AgreementTable() {
  const result = useInference((s) => s.result);
  const reference = useInference((s) => s.reference);
  const labels = useInference((s) => s.labels);
  if (!result || !reference) return null;
  const { images, sameAsFixed, sameAsFloat, errorToFixed, errorToFloat } = agreementOf(result, reference);
  const right = result.logits.filter((row, i) => predicted(row) === labels[i]).length;
  return (
    <Stack gap={4} component="section" aria-label="Private result">
      <Text size="sm">
        {exactly(images)} {images === 1 ? 'image' : 'images'}: same class as the plain fixed-point network on{' '}
        {exactly(sameAsFixed)}, as the float network on {exactly(sameAsFloat)}; {exactly(right)} correct. Largest logit
        error {errorToFixed.toExponential(1)} to fixed point, {errorToFloat.toExponential(1)} to float.{' '}
        {seconds(result.seconds.offline)} offline, {seconds(result.seconds.online)} online.
      </Text>
      <WideTable label="Classes per image" minWidth={420}>
        <Table maw={620}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Image</Table.Th>
              <Table.Th ta="right">Label</Table.Th>
              <Table.Th ta="right">Private</Table.Th>
              <Table.Th ta="right">Plain, fixed point</Table.Th>
              <Table.Th ta="right">Plain, float</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <tbody className="figures">
            {result.logits.slice(0, MOST_ROWS).map((row, i) => (
              <tr key={i}>
                <td>
                  <Picture index={i} />
                </td>
                <td style={{ textAlign: 'right' }}>{labels[i]}</td>
                <td style={{ textAlign: 'right' }}>{predicted(row)}</td>
                <td style={{ textAlign: 'right' }}>{predicted(reference.fixed[i])}</td>
                <td style={{ textAlign: 'right' }}>{predicted(reference.float[i])}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </WideTable>
      {images > MOST_ROWS && (
        <Text size="xs" c="dimmed">
          The first {MOST_ROWS} of {exactly(images)} images.
        </Text>
      )}
    </Stack>
  );
}

function Picture({ index }: { index: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pictures = useInference((s) => s.pictures);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !pictures) return;
    const { width, height, rgba } = pictures;
    const size = 4 * width * height;
    context.putImageData(new ImageData(rgba.slice(index * size, (index + 1) * size), width, height), 0, 0);
  }, [pictures, index]);
  return (
    <canvas
      ref={canvas}
      width={pictures?.width ?? 32}
      height={pictures?.height ?? 32}
      style={{ width: 32, height: 32, imageRendering: 'pixelated', display: 'block' }}
      aria-label={`Image ${index + 1}`}
    />
  );
}
