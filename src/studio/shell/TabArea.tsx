/** The tabs; below 600 px they are a menu. The code of a tab is loaded when it is first shown. */
import { Box, Center, NativeSelect, Tabs, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Suspense } from 'react';
import { ErrorBoundary } from '../parts/ErrorBoundary.tsx';
import { TAB_CONTENT } from '../tabs/index.ts';
import { TAB_TITLES, TABS, useView } from '../stores/view.ts';
import type { Tab } from '../stores/view.ts';
import classes from './TabArea.module.css';

export function TabArea() {
  const tab = useView((s) => s.tab);
  const setTab = useView((s) => s.setTab);
  const narrow = useMediaQuery('(max-width: 599px)', false, { getInitialValueInEffect: false });
  const Content = TAB_CONTENT[tab];
  const content = (
    <ErrorBoundary key={tab} name={TAB_TITLES[tab]}>
      <Suspense
        fallback={
          <Center mih={240}>
            <Text size="sm" c="dimmed">
              Loading {TAB_TITLES[tab]} …
            </Text>
          </Center>
        }
      >
        <Content />
      </Suspense>
    </ErrorBoundary>
  );
  if (narrow)
    return (
      <>
        <Box p="xs" className={classes.menu}>
          <NativeSelect
            aria-label="View"
            value={tab}
            onChange={(event) => setTab(event.currentTarget.value as Tab)}
            data={TABS.map((value) => ({ value, label: TAB_TITLES[value] }))}
          />
        </Box>
        <Box p="xs">{content}</Box>
      </>
    );
  return (
    <Tabs value={tab} onChange={(value) => value && setTab(value as Tab)} keepMounted={false}>
      <Tabs.List className={classes.list}>
        {TABS.map((value) => (
          <Tabs.Tab key={value} value={value}>
            {TAB_TITLES[value]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab} p="md">
        {content}
      </Tabs.Panel>
    </Tabs>
  );
}
