/**
 * Settings of the latency model: bandwidths, threads, garbler. Kept in this browser and used wherever the page shows a latency; not
 * part of an experiment, since they do not affect training.
 */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { DEFAULT_SETTINGS, latencySettingsSchema } from '../../domain/latency.ts';
import type { LatencySettings } from '../../domain/latency.ts';

export interface LatencyState {
  settings: LatencySettings;
  set(change: Partial<LatencySettings>): void;
  reset(): void;
}

export const useLatency = create<LatencyState>()(
  persist(
    (set) => ({
      settings: DEFAULT_SETTINGS,
      set: (change) =>
        set(({ settings }) => {
          const next = latencySettingsSchema.safeParse({ ...settings, ...change });
          return next.success ? { settings: next.data } : {};
        }),
      reset: () => set({ settings: DEFAULT_SETTINGS }),
    }),
    {
      name: 'relu-studio/latency',
      version: 1,
      storage: createJSONStorage(() => localStorage),
      partialize: ({ settings }) => ({ settings }),
      merge: (stored, fresh) => {
        const kept = latencySettingsSchema.safeParse((stored as { settings?: unknown } | undefined)?.settings);
        return kept.success ? { ...fresh, settings: kept.data } : fresh;
      },
    },
  ),
);
