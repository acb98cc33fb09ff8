/** Trains both networks on the quadrants with ten seeds and plots the accuracies. Training runs in slices between frames. */
import { Button, Group, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { bestParallelLines, OneGate, quadrantPoints } from '../../domain/xor.ts';
import type { Sharing } from '../../domain/xor.ts';
import { percent } from '../../domain/describe.ts';
import { HorizontalAxis } from '../plots/Axis.tsx';
import type { PlotFrame } from '../plots/Axis.tsx';
import { linearScale, linearTicks } from '../plots/scales.ts';
import classes from './XorDemo.module.css';

const SEEDS = 10;
const SLICE_MS = 7.5;
const ROWS: { sharing: Sharing; title: string; colour: string }[] = [
  { sharing: 'shared', title: 'Sharing', colour: 'var(--method-deepshare)' },
  { sharing: 'linear', title: 'SNL', colour: 'var(--method-snl)' },
];
const WIDTH = 450;
const FRAME: PlotFrame = { left: 64, right: 430, top: 6, bottom: 56 };
const x = linearScale(linearTicks(0.75, 1, 5), [FRAME.left, FRAME.right]);

interface Result {
  sharing: Sharing;
  seed: number;
  accuracy: number;
}

export function SeedTrial({ linear }: { linear: number }) {
  const [trial, setTrial] = useState(0);
  const [results, setResults] = useState<Result[]>([]);
  const total = 2 * SEEDS;

  useEffect(() => {
    if (trial === 0) return;
    const jobs = Array.from({ length: SEEDS }, (_, i) => i + 1).flatMap((seed) =>
      ROWS.map(({ sharing }) => ({ seed, sharing, others: sharing === 'shared' ? 1 : linear })),
    );
    let at = 0;
    let net: OneGate | null = null;
    let timer = 0;
    const slice = () => {
      const began = performance.now();
      while (at < jobs.length && performance.now() - began < SLICE_MS) {
        const { seed, sharing, others } = jobs[at];
        net ??= new OneGate({ sharing, others, seed, points: quadrantPoints(seed) });
        while (!net.done && performance.now() - began < SLICE_MS) net.train();
        if (!net.done) break;
        const accuracy = net.quadrantAccuracy();
        setResults((old) => [...old, { sharing, seed, accuracy }]);
        net = null;
        at++;
      }
      if (at < jobs.length) timer = requestAnimationFrame(slice);
    };
    timer = requestAnimationFrame(slice);
    return () => cancelAnimationFrame(timer);
    // A change of k takes effect with the next press of the button.
    // eslint-disable-next-line react/exhaustive-deps
  }, [trial]);

  const start = () => {
    setResults([]);
    setTrial(trial + 1);
  };
  const running = trial > 0 && results.length < total;
  return (
    <div>
      <Group gap="sm">
        <Button variant="default" disabled={running} onClick={start}>
          Run seeds 1 to {SEEDS}
        </Button>
        <Text size="xs" c="dimmed" role="status">
          {running && `${results.length} of ${total} trained`}
          {trial > 0 && !running && summary(results)}
        </Text>
      </Group>
      {trial > 0 && (
        <svg
          viewBox={`0 0 ${WIDTH} 78`}
          width="100%"
          style={{ maxWidth: WIDTH }}
          role="img"
          aria-label={summary(results)}
          className={classes.trial}
        >
          <HorizontalAxis scale={x} frame={FRAME} format={(tick) => percent(tick, 0)} />
          <line
            x1={x(bestParallelLines)}
            x2={x(bestParallelLines)}
            y1={4}
            y2={56}
            stroke="var(--chart-ink)"
            strokeDasharray="3 3"
          />
          {ROWS.map(({ sharing, title, colour }, row) => (
            <g key={sharing} transform={`translate(0,${18 + row * 26})`}>
              <text x={0} dy="0.35em">
                {title}
              </text>
              {results
                .filter((result) => result.sharing === sharing)
                .map(({ seed, accuracy }) => (
                  <circle
                    key={seed}
                    cx={x(Math.max(0.75, accuracy))}
                    r={4.5}
                    fill={colour}
                    fillOpacity={0.55}
                    stroke={colour}
                  >
                    <title>{`seed ${seed}: ${percent(accuracy)}`}</title>
                  </circle>
                ))}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

function summary(results: Result[]): string {
  const of = (sharing: Sharing) =>
    results.filter((result) => result.sharing === sharing).map(({ accuracy }) => accuracy);
  const [shared, linear] = [of('shared'), of('linear')];
  if (shared.length === 0 || linear.length === 0) return '';
  const good = shared.filter((accuracy) => accuracy >= 0.98).length;
  return `Sharing: at least 98% with ${good} of ${shared.length} seeds. SNL: ${percent(Math.min(...linear), 1)} to ${percent(Math.max(...linear), 1)}. Dashed: 5/6, the maximum of two parallel lines.`;
}
