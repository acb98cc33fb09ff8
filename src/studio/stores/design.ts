/**
 * Settings of the Design tab: criticality orders, limits of the equalizer, the open part. Kept in this browser; not part of an
 * experiment, since they help to choose a network and do not affect training.
 */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { z } from 'zod';
import { isOrderOf, startingOrder } from '../design/order.ts';

export const DESIGN_PARTS = ['widths', 'latency', 'criticality'] as const;
export type DesignPart = (typeof DESIGN_PARTS)[number];

const limit = z.number().positive().nullable();

const storedSchema = z.object({
  part: z.enum(DESIGN_PARTS).catch('widths'),
  /** Most critical first, by number of stages. */
  orders: z.record(z.string(), z.array(z.int().min(1))).catch({}),
  /** The last order applied from measured criticality. */
  measured: z.array(z.int().min(1)).nullable().catch(null),
  /** Largest multiplier considered. */
  maxMultiplier: z.int().min(2).max(64).catch(16),
  /** Null: no limit. ReLUs and MACs of the dense network. */
  maxRelus: limit.catch(null),
  maxMacs: limit.catch(null),
  minimalOnly: z.boolean().catch(true),
  /** Base channels m of the solutions; null: those of the experiment's network. */
  base: z.int().min(1).max(1024).nullable().catch(null),
  /** Training settings of the criticality runs that differ from the experiment's. */
  recipe: z
    .object({
      epochs: z.int().min(1),
      batch: z.int().min(1),
      learningRate: z.number().positive(),
      trainImages: z.int().min(1).nullable(),
      seed: z.int().min(0),
    })
    .partial()
    .catch({}),
  /** The latency that the lines of equal latency show. */
  iso: z.enum(['both', 'offline', 'online']).catch('both'),
});
type Stored = z.infer<typeof storedSchema>;

export interface DesignState extends Stored {
  patch(change: Partial<Stored>): void;
  setOrder(order: number[]): void;
}

export const useDesign = create<DesignState>()(
  persist(
    (set) => ({
      part: 'widths',
      orders: {},
      measured: null,
      maxMultiplier: 16,
      maxRelus: null,
      maxMacs: null,
      minimalOnly: true,
      base: null,
      recipe: {},
      iso: 'both',
      patch: (change) => set(change),
      setOrder: (order) => set(({ orders }) => ({ orders: { ...orders, [order.length]: order } })),
    }),
    {
      name: 'relu-studio/design',
      version: 1,
      storage: createJSONStorage(() => localStorage),
      partialize: (state) => storedSchema.parse(state),
      merge: (stored, fresh) => ({ ...fresh, ...storedSchema.safeParse(stored ?? {}).data }),
    },
  ),
);

/** The order for a number of stages: the user's, else the default. */
export const orderFor = (orders: Record<string, number[]>, stages: number): number[] => {
  const kept = orders[stages];
  return kept && isOrderOf(kept, stages) ? kept : startingOrder(stages);
};
