/**
 * XOR demo: two neurons that share one DReLU learn the four quadrants; an SNL network with one ReLU and any number of linear
 * neurons cannot (DeepShare, Bornfeld & Avidan 2025, Corollary 1). Trained in the page, without data and without a GPU.
 */
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { percent } from '../../domain/describe.ts';
import { bestParallelLines, classicPoints, DEFAULT_STEPS, OneGate, quadrantPoints } from '../../domain/xor.ts';
import { drawNetwork } from '../xor/draw.ts';
import { SeedTrial } from '../xor/SeedTrial.tsx';
import { useTraining } from '../xor/useTraining.ts';
import { NumberField } from '../parts/NumberField.tsx';
import classes from '../xor/XorDemo.module.css';

const MAX_LINEAR = 32;

interface Shown {
  title: string;
  about: string;
  accuracy(net: OneGate): number;
  pointSize: number;
}

const onSquare = (net: OneGate) => net.quadrantAccuracy(60);

function shownNets(linear: number): Shown[] {
  const snl = `SNL, 1 ReLU + ${linear} linear`;
  return [
    { title: 'Sharing, 2 neurons, 1 DReLU', about: 'Quadrants', accuracy: onSquare, pointSize: 1.3 },
    { title: snl, about: 'Quadrants', accuracy: onSquare, pointSize: 1.3 },
    {
      title: 'Sharing, 2 neurons, 1 DReLU',
      about: 'Classic XOR',
      accuracy: (net) => net.pointAccuracy(),
      pointSize: 5,
    },
    { title: snl, about: 'Classic XOR', accuracy: (net) => net.pointAccuracy(), pointSize: 5 },
  ];
}

function freshNets(seed: number, linear: number): OneGate[] {
  const quadrants = quadrantPoints(seed);
  const corners = classicPoints();
  return [
    new OneGate({ sharing: 'shared', others: 1, seed, points: quadrants }),
    new OneGate({ sharing: 'linear', others: linear, seed, points: quadrants }),
    new OneGate({ sharing: 'shared', others: 1, seed, points: corners }),
    new OneGate({ sharing: 'linear', others: linear, seed, points: corners }),
  ];
}

export default function XorDemo() {
  const [seed, setSeed] = useState(1);
  const [linear, setLinear] = useState(8);
  const [again, setAgain] = useState(0);
  const [playing, setPlaying] = useState(true);
  // eslint-disable-next-line react/exhaustive-deps -- `again` trains the same networks once more
  const nets = useMemo(() => freshNets(seed, linear), [seed, linear, again]);
  const shown = useMemo(() => shownNets(linear), [linear]);
  const canvases = useRef<(HTMLCanvasElement | null)[]>([]);

  const draw = useCallback(
    (index: number) => {
      const canvas = canvases.current[index];
      if (!canvas) return;
      drawNetwork(canvas, nets[index], { pointSize: shown[index].pointSize });
    },
    [nets, shown],
  );
  const { step, done } = useTraining(nets, playing, draw);

  // Redraws the canvases when the width or the colours of the page change.
  useEffect(() => {
    const redraw = () => nets.forEach((_, i) => draw(i));
    const sizes = new ResizeObserver(redraw);
    for (const canvas of canvases.current) if (canvas) sizes.observe(canvas);
    const colours = new MutationObserver(redraw);
    colours.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      sizes.disconnect();
      colours.disconnect();
    };
  }, [nets, draw]);

  const restart = (change: () => void) => {
    change();
    setPlaying(true);
  };
  const slope = nets[0].slope;

  return (
    <Stack gap="md">
      <Stack gap={6} maw={760}>
        <Title order={2}>One DReLU shared by two neurons</Title>
        <Text size="sm">
          The class of a point is the sign of x₁·x₂. A network with one ReLU and any number of linear neurons is linear
          on either side of one line, so its decision boundary is a line, two parallel lines or one line with a bend.
          None of these separates the four quadrants. If a second neuron shares the DReLU of the first one, with a scale
          and a shift of its own, <span style={{ whiteSpace: 'nowrap' }}>f = x₂·(2·1[x₁ &gt; 0] − 1)</span> separates
          them.{' '}
          <Text span inherit c="dimmed">
            DeepShare, Bornfeld &amp; Avidan 2025, Corollary 1. The demo is ours.
          </Text>
        </Text>
      </Stack>

      <Group gap="sm" align="flex-end">
        <Button
          w={104}
          leftSection={playing && !done ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          onClick={() => (done ? restart(() => setAgain(again + 1)) : setPlaying(!playing))}
        >
          {done ? 'Replay' : playing ? 'Pause' : 'Play'}
        </Button>
        <Button
          variant="default"
          leftSection={<IconRefresh size={15} />}
          onClick={() => restart(() => setSeed(seed + 1))}
        >
          Next seed
        </Button>
        <NumberField
          label="Seed"
          value={seed}
          min={0}
          whole
          onChange={(value) => restart(() => setSeed(value))}
          w={84}
        />
        <NumberField
          label="Linear neurons, k"
          value={linear}
          min={1}
          max={MAX_LINEAR}
          whole
          onChange={(value) => restart(() => setLinear(value))}
          w={120}
        />
        <Text size="xs" c="dimmed" pb={6} role="status">
          step {step} of {DEFAULT_STEPS},{' '}
          {slope === null || done ? 'hard gate (step)' : `soft gate Φ(s·z), s = ${slope.toFixed(1)}`}
        </Text>
      </Group>

      <div className={classes.grid}>
        {shown.map(({ title, about, accuracy }, i) => {
          const reached = accuracy(nets[i]);
          return (
            <figure key={i} className={classes.net}>
              <Text size="xs" c="dimmed" mb={4}>
                {about}
              </Text>
              <canvas
                ref={(canvas) => {
                  canvases.current[i] = canvas;
                }}
                role="img"
                aria-label={`${about}: ${title}, accuracy ${percent(reached, 1)}`}
              />
              <figcaption>
                <div>{title}</div>
                <div className={classes.accuracy}>{percent(reached, 1)}</div>
                <Text size="xs" c="dimmed">
                  {verdict(i, reached, done)}
                </Text>
              </figcaption>
            </figure>
          );
        })}
      </div>

      <Text size="xs" c="dimmed" maw={760}>
        Blue and orange: the predicted class, with the training points; dashed: the line where the DReLU switches.
        Quadrants: accuracy over the square; two parallel lines reach at most 5/6, {percent(bestParallelLines, 1)}.
        Classic XOR: four points, which two parallel lines separate too, so both networks solve it. Both are trained
        with the same number of Adam steps on the logistic loss, first with GELU&rsquo;s gate, then with the step.
      </Text>
      <SeedTrial linear={linear} />
    </Stack>
  );
}

function verdict(index: number, accuracy: number, done: boolean): string {
  if (!done) return 'training …';
  if (index >= 2) return accuracy === 1 ? 'Solved.' : 'Not solved with this seed.';
  if (accuracy >= 0.98) return 'Solved with one DReLU.';
  if (Math.abs(accuracy - bestParallelLines) < 0.02) return 'Two parallel lines: at most 5/6.';
  return index === 0 ? 'Local minimum: try another seed.' : 'Below two parallel lines.';
}
