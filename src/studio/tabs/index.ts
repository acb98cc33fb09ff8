/** The tabs, each loaded when it is first shown. */
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
  inference: lazy(() => import('./PrivateInference.tsx')),
  xor: lazy(() => import('./XorDemo.tsx')),
};
