/** The one window: top bar, the experiment on the left, what came of it on the right, one status line below. */
import { AppShell, ScrollArea } from '@mantine/core';
import { ExperimentColumn } from './shell/ExperimentColumn.tsx';
import { StatusBar } from './shell/StatusBar.tsx';
import { TabArea } from './shell/TabArea.tsx';
import { TopBar } from './shell/TopBar.tsx';
import { useView } from './stores/view.ts';

export function App() {
  const drawer = useView((s) => s.drawer);
  return (
    <AppShell
      header={{ height: 48 }}
      footer={{ height: 32 }}
      navbar={{ width: 368, breakpoint: 'sm', collapsed: { mobile: !drawer } }}
      transitionDuration={0}
    >
      <AppShell.Header>
        <TopBar />
      </AppShell.Header>
      <AppShell.Navbar aria-label="Experiment">
        <AppShell.Section grow component={ScrollArea} type="auto">
          <ExperimentColumn />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main">
        <TabArea />
      </AppShell.Main>
      <AppShell.Footer>
        <StatusBar />
      </AppShell.Footer>
    </AppShell>
  );
}
