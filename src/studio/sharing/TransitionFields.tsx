/** The transition from GELU's gate to the step, with drawings of the gate at the start, middle and end of the soft phase. */
import { SimpleGrid, Stack } from '@mantine/core';
import type { Transition } from '../../domain/methods/deepshare.ts';
import { normalCdf } from '../../domain/normal.ts';
import { ChoiceField } from '../parts/fields.tsx';
import type { Option } from '../parts/fields.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { editMethod } from '../stores/experiment.ts';
import classes from './TransitionFields.module.css';

const KINDS: Option<Transition['kind']>[] = [
  {
    value: 'gelu',
    label: 'Slope',
    about: 'Φ(s·z): GELU’s gate with a slope s that rises through the soft phase; then the step (our implementation)',
  },
  {
    value: 'mix',
    label: 'Mix',
    about: '(1 − t)·Φ(z) + t·1[z > 0], t rising from 0 to 1 through the soft phase; then the step',
  },
  { value: 'abrupt', label: 'Abrupt', about: 'GELU’s gate Φ(z) during the whole soft phase, then the step' },
];
const SLOPES = [
  { key: 'from', label: 'Initial slope', hint: 's at the start; 1: GELU' },
  { key: 'to', label: 'Final slope', hint: 's at the end, geometric growth' },
] as const;

const fresh = (kind: Transition['kind']): Transition => (kind === 'gelu' ? { kind, from: 1, to: 10 } : { kind });

/** The value of the gate at z after a share `t` of the soft phase. */
export function gateAt(transition: Transition, t: number, z: number): number {
  const step = Number(z > 0);
  switch (transition.kind) {
    case 'gelu':
      return normalCdf(transition.from * (transition.to / transition.from) ** t * z);
    case 'mix':
      return (1 - t) * normalCdf(z) + t * step;
    case 'abrupt':
      return normalCdf(z);
  }
}

const WIDTH = 96;
const HEIGHT = 44;
const CURVES = [
  { t: 0, title: 'start' },
  { t: 0.5, title: 'halfway' },
  { t: 1, title: 'end' },
];

function Curve({ transition, t, title }: { transition: Transition; t: number; title: string }) {
  const points = Array.from({ length: 65 }, (_, i) => {
    const z = (i / 64) * 6 - 3;
    return `${(i / 64) * WIDTH},${HEIGHT - 4 - gateAt(transition, t, z) * (HEIGHT - 8)}`;
  });
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + 12}`} width="100%" aria-hidden>
      <line x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} stroke="var(--chart-grid)" />
      <line x1={0} x2={WIDTH} y1={HEIGHT - 4} y2={HEIGHT - 4} stroke="var(--chart-grid)" />
      <path d={`M${points.join('L')}`} stroke="var(--method-deepshare)" />
      <text x={WIDTH / 2} y={HEIGHT + 10} textAnchor="middle">
        {title}
      </text>
    </svg>
  );
}

export function TransitionFields({ transition }: { transition: Transition }) {
  const set = (next: Transition, field: string) =>
    editMethod('deepshare', (draft) => void (draft.transition = next), field);
  return (
    <Stack gap="xs">
      <ChoiceField
        label="Transition, GELU to ReLU"
        value={transition.kind}
        options={KINDS}
        onChange={(kind) => set(fresh(kind), 'transition')}
      />
      <SimpleGrid cols={3} spacing="xs" className={classes.curves}>
        {CURVES.map((curve) => (
          <Curve key={curve.t} transition={transition} {...curve} />
        ))}
      </SimpleGrid>
      {transition.kind === 'gelu' && (
        <SimpleGrid cols={2} spacing="xs">
          {SLOPES.map(({ key, label, hint }) => (
            <NumberField
              key={key}
              label={label}
              value={transition[key]}
              min={0}
              above
              factor={1.25}
              hint={hint}
              onChange={(slope) => set({ ...transition, [key]: slope }, `slope.${key}`)}
            />
          ))}
        </SimpleGrid>
      )}
    </Stack>
  );
}
