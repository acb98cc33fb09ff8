/**
 * What happens to the gates: a list of methods, each switched on or off and set in its own form. They compose and apply in one
 * fixed order: coarse pruning, then reuse or sharing, then masks.
 */
import { Box, Group, Stack, Switch, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { ComponentType } from 'react';
import type { Experiment, Method } from '../../domain/experiment.ts';
import { METHOD_ORDER } from '../../domain/composition.ts';
import { deepshareMethod, quickPhase, SNL_DENSE, SNL_PAPER, SNL_QUICK, DISTILLATION } from '../../domain/presets.ts';
import { METHOD_STYLES, MethodMark } from '../parts/MethodMark.tsx';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { SnlPanel } from './SnlPanel.tsx';

const FORMS: Record<Method['name'], ComponentType> = {
  deepreduce: lazy(() => import('./DeepReduce.tsx').then(({ DeepReduce }) => ({ default: DeepReduce }))),
  reuse: lazy(() => import('./Reuse.tsx').then(({ Reuse }) => ({ default: Reuse }))),
  deepshare: lazy(() => import('./Sharing.tsx').then(({ Sharing }) => ({ default: Sharing }))),
  snl: SnlPanel,
};

const ABOUT: Record<Method['name'], string> = {
  deepreduce: 'Drops whole stages’ and alternate layers’ ReLUs (Jha et al. 2021)',
  reuse: 'One group of channels gates the others (DeepReShape; our reconstruction)',
  deepshare: 'Channels consult a prototype’s DReLU (Bornfeld & Avidan 2025)',
  snl: 'Learns which neurons keep their ReLU (Cho et al. 2022)',
};

/** A method as it is first switched on: quick on the built-in data, else as the papers have it. */
function freshMethod(name: Method['name'], { dataset, network }: Experiment): Method {
  const quick = dataset.name === 'synthetic';
  const phase = quick ? quickPhase(4, 0.03) : SNL_DENSE;
  switch (name) {
    case 'snl':
      return quick ? SNL_QUICK : SNL_PAPER;
    case 'deepshare':
      return deepshareMethod(0.25, network.blocks.length, phase, phase);
    case 'deepreduce':
      return { name, cull: [1], thin: [], thinKeeps: 'second', train: phase, distillation: DISTILLATION };
    case 'reuse':
      return { name, groups: 4, train: phase, distillation: null };
  }
}

function toggle(name: Method['name'], on: boolean): void {
  editExperiment((draft) => {
    draft.methods = draft.methods.filter((method) => method.name !== name);
    if (!on) return;
    // Both decide whose DReLU a channel consults.
    const rival = name === 'reuse' ? 'deepshare' : name === 'deepshare' ? 'reuse' : null;
    draft.methods = draft.methods.filter((method) => method.name !== rival);
    draft.methods.push(structuredClone(freshMethod(name, draft)));
    draft.methods.sort((a, b) => METHOD_ORDER.indexOf(a.name) - METHOD_ORDER.indexOf(b.name));
  });
}

export function GatesPanel() {
  const methods = useExperiment((s) => s.experiment.methods);
  return (
    <Stack gap={0} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {METHOD_ORDER.toReversed().map((name) => {
        const on = methods.some((method) => method.name === name);
        const Form = FORMS[name];
        return (
          <Box component="li" key={name} className="method" data-on={on || undefined}>
            <Switch
              checked={on}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
              label={
                <Group gap={6} wrap="nowrap" component="span">
                  <MethodMark method={name} /> {METHOD_STYLES[name].title}
                </Group>
              }
              description={ABOUT[name]}
            />
            {on && (
              <Box mt="sm">
                <Suspense
                  fallback={
                    <Text size="xs" c="dimmed">
                      Loading …
                    </Text>
                  }
                >
                  <Form />
                </Suspense>
              </Box>
            )}
          </Box>
        );
      })}
      {methods.length === 0 && (
        <Text component="li" size="xs" c="dimmed" mt="xs">
          No method: the dense network is trained with all its ReLUs.
        </Text>
      )}
    </Stack>
  );
}
