/** The layout of the page: top bar, the experiment on the left, tabs on the right, a status line below. */
import { AppShell } from '@mantine/core';
import { lazy, Suspense, useEffect } from 'react';
import { openAddress } from './actions.ts';
import { ErrorBoundary } from './parts/ErrorBoundary.tsx';
import { watchOpening } from './opening.ts';
import { connect } from './session.ts';
import { CostSummary } from './shell/CostSummary.tsx';
import { DropTarget } from './shell/DropTarget.tsx';
import { ExperimentColumn } from './shell/ExperimentColumn.tsx';
import { HelpDialog } from './shell/HelpDialog.tsx';
import { watchLeaving } from './shell/leaving.ts';
import { NameAndPresets } from './shell/NameAndPresets.tsx';
import { NoGpu } from './shell/NoGpu.tsx';
import { SoftwareNote } from './shell/SoftwareNote.tsx';
import { StatusBar } from './shell/StatusBar.tsx';
import { TabArea } from './shell/TabArea.tsx';
import { TopBar } from './shell/TopBar.tsx';
import { useNarrow } from './shell/useNarrow.ts';
import { useShortcuts } from './shell/useShortcuts.ts';
import { useWeightsDialog } from './weights/importing.ts';
import { useView } from './stores/view.ts';
import classes from './App.module.css';

/** Loaded when weights are first imported. */
const WeightsDialog = lazy(() => import('./weights/WeightsDialog.tsx'));

export function App() {
  const importsWeights = useWeightsDialog((s) => s.open !== null);
  const drawer = useView((s) => s.drawer);
  const narrow = useNarrow();
  useShortcuts();
  useEffect(() => {
    const disconnect = connect();
    const unwatch = watchLeaving();
    const stopWaiting = watchOpening();
    openAddress();
    const onHash = () => openAddress();
    window.addEventListener('hashchange', onHash);
    return () => {
      window.removeEventListener('hashchange', onHash);
      unwatch();
      stopWaiting();
      disconnect();
    };
  }, []);
  return (
    <>
      <a className={classes.skipLink} href="#main">
        Skip to main content
      </a>
      <AppShell
        className={classes.shell}
        data-drawer={drawer || undefined}
        header={{ height: 48 }}
        footer={{ height: 30 }}
        navbar={{ width: 368, breakpoint: 'sm', collapsed: { mobile: !drawer } }}
        transitionDuration={0}
      >
        <AppShell.Header>
          <TopBar />
        </AppShell.Header>
        <AppShell.Navbar aria-label="Experiment">
          {narrow && (
            <AppShell.Section px="xs" py={6} className={classes.name}>
              <NameAndPresets />
            </AppShell.Section>
          )}
          <AppShell.Section grow className={classes.column}>
            <ExperimentColumn />
          </AppShell.Section>
          <AppShell.Section>
            <ErrorBoundary name="Cost summary">
              <CostSummary />
            </ErrorBoundary>
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1}>
          <NoGpu />
          <SoftwareNote />
          <TabArea />
          <DropTarget />
        </AppShell.Main>
        <AppShell.Footer>
          <StatusBar />
        </AppShell.Footer>
      </AppShell>
      <HelpDialog />
      {importsWeights && (
        <Suspense>
          <WeightsDialog />
        </Suspense>
      )}
    </>
  );
}
