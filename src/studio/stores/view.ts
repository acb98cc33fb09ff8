/** How the page is looked at: tab, open steps, drawer, shortcuts, chart axes. Kept in this browser; never part of an experiment. */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { z } from 'zod';

export const TABS = ['live', 'pareto', 'masks', 'gates', 'runs', 'design', 'inference', 'xor'] as const;
export type Tab = (typeof TABS)[number];
export const TAB_TITLES: Record<Tab, string> = {
  live: 'Live',
  pareto: 'Pareto',
  masks: 'Masks',
  gates: 'Gate analysis',
  runs: 'Runs',
  design: 'Design',
  inference: 'Private inference',
  xor: 'XOR demo',
};

export const STEPS = ['data', 'network', 'methods', 'training'] as const;
export type Step = (typeof STEPS)[number];
export const STEP_TITLES: Record<Step, string> = {
  data: 'Data',
  network: 'Network',
  methods: 'Methods',
  training: 'Training',
};

/** Part of the help dialog; null: closed. */
export type Help = 'shortcuts' | 'glossary' | null;
/** The axis of the loss chart; `auto`: logarithmic where its terms differ by more than ten times. */
export type LossAxis = 'auto' | 'linear' | 'log';

const storedSchema = z.object({
  tab: z.enum(TABS).catch('pareto'),
  /** Steps of the left column that are open. */
  open: z.array(z.enum(STEPS)).catch(['methods']),
  singleKeys: z.boolean().catch(true),
  lossAxis: z.enum(['auto', 'linear', 'log']).catch('auto'),
});
type Stored = z.infer<typeof storedSchema>;

export interface ViewState extends Stored {
  /** The left column as a drawer, below 900 px. */
  drawer: boolean;
  help: Help;
  setTab(tab: Tab): void;
  setOpen(open: Step[]): void;
  setDrawer(drawer: boolean): void;
  setHelp(help: Help): void;
  /** Switches single-key shortcuts on or off. */
  setSingleKeys(on: boolean): void;
  setLossAxis(axis: LossAxis): void;
}

export const useView = create<ViewState>()(
  persist(
    (set) => ({
      ...storedSchema.parse({}),
      drawer: false,
      help: null,
      setTab: (tab) => set({ tab }),
      setOpen: (open) => set({ open }),
      setDrawer: (drawer) => set({ drawer }),
      setHelp: (help) => set({ help }),
      setSingleKeys: (singleKeys) => set({ singleKeys }),
      setLossAxis: (lossAxis) => set({ lossAxis }),
    }),
    {
      name: 'relu-studio/view',
      version: 1,
      storage: createJSONStorage(() => localStorage),
      partialize: ({ tab, open, singleKeys, lossAxis }): Stored => ({ tab, open, singleKeys, lossAxis }),
      merge: (stored, fresh) => ({ ...fresh, ...storedSchema.safeParse(stored ?? {}).data }),
    },
  ),
);
