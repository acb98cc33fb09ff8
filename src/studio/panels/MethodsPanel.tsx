/**
 * The methods of the experiment: each switched on or off and set in its own form. They compose and apply in one fixed order;
 * switching one on switches off those that decide the same thing.
 */
import { Box, Group, Stack, Switch, Text } from '@mantine/core';
import { Suspense } from 'react';
import { descriptorOf, METHOD_ORDER } from '../../domain/methods/registry.ts';
import { MethodMark } from '../parts/MethodMark.tsx';
import { editExperiment, useExperiment } from '../stores/experiment.ts';
import { switchOff, switchOn } from '../switchMethod.ts';
import { METHOD_FORMS } from './methodForms.tsx';
import classes from './MethodsPanel.module.css';

export function MethodsPanel() {
  const methods = useExperiment((s) => s.experiment.methods);
  return (
    <Stack gap={0} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {METHOD_ORDER.toReversed().map((name) => {
        const on = methods.some((method) => method.name === name);
        const { title, summary } = descriptorOf(name);
        const Form = METHOD_FORMS[name];
        return (
          <Box component="li" key={name} className={classes.method} data-on={on || undefined}>
            <Switch
              checked={on}
              onChange={(event) => {
                const change = event.currentTarget.checked ? switchOn : switchOff;
                editExperiment((draft) => change(draft, name));
              }}
              label={
                <Group gap={6} wrap="nowrap" component="span">
                  <MethodMark method={name} /> {title}
                </Group>
              }
              description={summary}
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
