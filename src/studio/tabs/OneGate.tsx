/**
 * One gate: two neurons and one DReLU learn the four quadrants by sharing; an SNL network with one ReLU and any number of linear
 * neurons cannot (DeepShare, Bornfeld & Avidan 2025, Corollary 1). Trained in the page, without data and without a GPU.
 */
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { percent } from '../../domain/describe.ts';
import { bestParallelLines, classicPoints, DEFAULT_STEPS, OneGate, quadrantPoints } from '../../domain/xor.ts';
import { drawNetwork } from '../onegate/draw.ts';
import { SeedTrial } from '../onegate/SeedTrial.tsx';
import { useTraining } from '../onegate/useTraining.ts';
import { NumberField } from '../parts/NumberField.tsx';
import '../onegate/onegate.css';

const MOST_LINEAR = 32;

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

export default function OneGateTab() {
  const [seed, setSeed] = useState(1);
  const [linear, setLinear] = useState(8);
  const [again, setAgain] = useState(0);
  const [playing, setPlaying] = useState(true);
  // eslint-disable-next-line react/exhaustive-deps -- `again` is there to train the same networks once more
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

  // The canvases follow the page's width and colours.
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
        <Title order={2}>What one DReLU can do when two neurons share it</Title>
        <Text size="sm">
          The class of a point is the sign of x₁·x₂. With one ReLU and linear neurons, however many, a network is linear
          on either side of one line, so its boundary is a line, two parallel lines or one line with a bend, and no such
          boundary parts the four quadrants. When a second neuron consults the first one&rsquo;s DReLU, with a scale and
          a shift of its own, <span style={{ whiteSpace: 'nowrap' }}>f = x₂·(2·1[x₁ &gt; 0] − 1)</span> does.{' '}
          <Text span inherit c="dimmed">
            DeepShare, Bornfeld &amp; Avidan 2025, Corollary 1; demonstration ours.
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
          max={MOST_LINEAR}
          whole
          onChange={(value) => restart(() => setLinear(value))}
          w={120}
        />
        <Text size="xs" c="dimmed" className="figures" pb={6} role="status">
          step {step} of {DEFAULT_STEPS},{' '}
          {slope === null || done ? 'hard gate, the step' : `soft gate Φ(s·z), s = ${slope.toFixed(1)}`}
        </Text>
      </Group>

      <div className="onegate-grid">
        {shown.map(({ title, about, accuracy }, i) => {
          const reached = accuracy(nets[i]);
          return (
            <figure key={i} className="onegate-net">
              <Text size="xs" c="dimmed" mb={4}>
                {about}
              </Text>
              <canvas
                ref={(canvas) => {
                  canvases.current[i] = canvas;
                }}
                role="img"
                aria-label={`${about}: ${title}, right on ${percent(reached, 1)}`}
              />
              <figcaption>
                <div>{title}</div>
                <div className="figures onegate-accuracy">{percent(reached, 1)}</div>
                <Text size="xs" c="dimmed">
                  {verdict(i, reached, done)}
                </Text>
              </figcaption>
            </figure>
          );
        })}
      </div>

      <Text size="xs" c="dimmed" maw={760}>
        Blue and orange: what each network answers, with the training points over it; dashed: where its one DReLU turns.
        Quadrants: share of the square answered right; the best two parallel lines reach 5/6,{' '}
        {percent(bestParallelLines, 1)}. Classic XOR, four points, does not tell the two apart: two parallel lines solve
        it, so both do. Both train with the same steps of Adam on the logistic loss, first through GELU&rsquo;s gate,
        then through the step.
      </Text>
      <SeedTrial linear={linear} />
    </Stack>
  );
}

function verdict(index: number, accuracy: number, done: boolean): string {
  if (!done) return 'training …';
  if (index >= 2) return accuracy === 1 ? 'Solved.' : 'Not solved from this seed.';
  if (accuracy >= 0.98) return 'Solved, by one DReLU.';
  if (Math.abs(accuracy - bestParallelLines) < 0.02) return 'Two parallel lines: the best it can do is 5/6.';
  return index === 0 ? 'A poor local minimum: try another seed.' : 'Short of two parallel lines.';
}
