/** A grid of labelled sample images, and a button that shows different ones. Give it a key that changes with the data set. */
import { Button, Group } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { DataSummary, Thumbnails as Images } from '../../worker/protocol.ts';
import { ErrorLine } from '../parts/ErrorLine.tsx';
import { ask } from '../link.ts';
import { messageOf } from '../notify.ts';
import classes from './dataset.module.css';

const COUNT = 24;

function Picture({ images, index, label }: { images: Images; index: number; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { width, height, rgba } = images;
    const bytes = width * height * 4;
    const pixels = new Uint8ClampedArray(rgba.slice(index * bytes, (index + 1) * bytes));
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);
  }, [images, index]);
  return (
    <figure className={classes.thumbnail} title={label}>
      <canvas ref={canvas} width={images.width} height={images.height} role="img" aria-label={label} />
      <figcaption>{label}</figcaption>
    </figure>
  );
}

/** COUNT indices spread over the part, shifted by `turn`. */
export const spread = (images: number, turn: number): number[] =>
  Array.from(
    { length: Math.min(COUNT, images) },
    (_, i) => (Math.floor((i * images) / Math.min(COUNT, images)) + turn * 7) % images,
  );

export function Thumbnails({
  data,
  part,
  syntheticSeed,
}: {
  data: DataSummary;
  part: 'train' | 'test';
  syntheticSeed: number;
}) {
  const [turn, setTurn] = useState(0);
  const [images, setImages] = useState<Images | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const count = data[part].images;
  useEffect(() => {
    if (count === 0) return undefined;
    let current = true;
    ask({ type: 'data:thumbnails', name: data.name, part, indices: spread(count, turn), syntheticSeed }).then(
      (answer) => {
        if (!current) return;
        setImages(answer);
        setProblem(null);
      },
      (error: unknown) => current && setProblem(messageOf(error)),
    );
    return () => {
      current = false;
    };
  }, [data.name, part, count, turn, syntheticSeed]);
  if (count === 0) return null;
  if (problem)
    return (
      <ErrorLine verb="Retry" onAct={() => setTurn(turn + 1)}>
        {problem}
      </ErrorLine>
    );
  return (
    <>
      <div className={classes.thumbnails} data-empty={images ? undefined : true}>
        {images?.labels.map((label, i) => (
          <Picture key={i} images={images} index={i} label={data.classes[label] ?? String(label)} />
        ))}
      </div>
      <Group>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<IconRefresh size={13} />}
          onClick={() => setTurn(turn + 1)}
        >
          Show different images
        </Button>
      </Group>
    </>
  );
}
