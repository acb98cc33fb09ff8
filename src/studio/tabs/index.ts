/** The tabs of the right side, each loaded when it is first looked at. */
import { lazy } from 'react';
import type { ComponentType } from 'react';
import type { Tab } from '../stores/view.ts';

export const TAB_CONTENT: Record<Tab, ComponentType> = {
  live: lazy(() => import('./Live.tsx')),
  pareto: lazy(() => import('./Pareto.tsx')),
  masks: lazy(() => import('./Masks.tsx')),
  gates: lazy(() => import('./Gates.tsx')),
  runs: lazy(() => import('./Runs.tsx')),
  design: lazy(() => import('./Design.tsx')),
  onegate: lazy(() => import('./OneGate.tsx')),
};
