/** Ten seeds of both networks on the quadrants, one after the other in slices, as dots on one axis of accuracy. */
import { Button, Group, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { bestParallelLines, OneGate, quadrantPoints } from '../../domain/xor.ts';
import type { Sharing } from '../../domain/xor.ts';
import { percent } from '../../domain/describe.ts';

const SEEDS = 10;
const SLICE = 7.5;
const ROWS: { sharing: Sharing; title: string; colour: string }[] = [
  { sharing: 'shared', title: 'Sharing', colour: 'var(--method-deepshare)' },
  { sharing: 'linear', title: 'SNL', colour: 'var(--method-snl)' },
];
const [LEFT, RIGHT, WIDTH] = [64, 430, 450];
const x = (accuracy: number) => LEFT + ((accuracy - 0.75) / 0.25) * (RIGHT - LEFT);

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
      while (at < jobs.length && performance.now() - began < SLICE) {
        const { seed, sharing, others } = jobs[at];
        net ??= new OneGate({ sharing, others, seed, points: quadrantPoints(seed) });
        while (!net.done && performance.now() - began < SLICE) net.train();
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
    // Another k begins with the next press of the button.
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
          Try seeds 1 to {SEEDS}
        </Button>
        <Text size="xs" c="dimmed" className="figures" role="status">
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
          className="seed-trial"
        >
          {[0.75, 0.8, 0.85, 0.9, 0.95, 1].map((tick) => (
            <g key={tick} transform={`translate(${x(tick)},0)`}>
              <line y1={6} y2={56} stroke="var(--chart-grid)" />
              <text y={72} textAnchor="middle">
                {Math.round(tick * 100)}%
              </text>
            </g>
          ))}
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
  return `Sharing: at least 98% from ${good} of ${shared.length} seeds. SNL: ${percent(Math.min(...linear), 1)} to ${percent(Math.max(...linear), 1)}; dashed: 5/6, the best two parallel lines.`;
}
