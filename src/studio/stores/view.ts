/** How the page is being looked at: tab, open step, drawers. Remembered in this browser; never part of an experiment. */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';

export const TABS = ['live', 'pareto', 'masks', 'gates', 'runs', 'design', 'onegate'] as const;
export type Tab = (typeof TABS)[number];
export const TAB_TITLES: Record<Tab, string> = {
  live: 'Live',
  pareto: 'Pareto',
  masks: 'Masks',
  gates: 'Gates',
  runs: 'Runs',
  design: 'Design',
  onegate: 'One gate',
};

export const STEPS = ['data', 'network', 'gates', 'training'] as const;
export type Step = (typeof STEPS)[number];

export interface ViewState {
  tab: Tab;
  /** Steps of the left column that stand open. */
  open: Step[];
  /** The left column as a drawer, below 900 px. */
  drawer: boolean;
  help: boolean;
  setTab(tab: Tab): void;
  setOpen(open: Step[]): void;
  setDrawer(drawer: boolean): void;
  setHelp(help: boolean): void;
}

export const useView = create<ViewState>()(
  persist(
    (set) => ({
      tab: 'pareto',
      open: ['gates'],
      drawer: false,
      help: false,
      setTab: (tab) => set({ tab }),
      setOpen: (open) => set({ open }),
      setDrawer: (drawer) => set({ drawer }),
      setHelp: (help) => set({ help }),
    }),
    {
      name: 'relu-studio/view',
      version: 1,
      storage: createJSONStorage(() => localStorage),
      partialize: ({ tab, open }) => ({ tab, open }),
      merge: (stored, fresh) => {
        const { tab, open } = (stored ?? {}) as { tab?: unknown; open?: unknown };
        return {
          ...fresh,
          tab: TABS.find((known) => known === tab) ?? fresh.tab,
          open: Array.isArray(open) ? STEPS.filter((step) => open.includes(step)) : fresh.open,
        };
      },
    },
  ),
);
