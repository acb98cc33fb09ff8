/** Every method's form, by its name in domain/methods/registry.ts. A new method adds a line. All but the first shown load late. */
import { lazy } from 'react';
import type { ComponentType } from 'react';
import type { MethodName } from '../../domain/methods/registry.ts';
import { SnlForm } from './SnlForm.tsx';

export const METHOD_FORMS: Record<MethodName, ComponentType> = {
  deepreduce: lazy(async () => ({ default: (await import('./DeepReduceForm.tsx')).DeepReduceForm })),
  reuse: lazy(async () => ({ default: (await import('./ReuseForm.tsx')).ReuseForm })),
  deepshare: lazy(async () => ({ default: (await import('./DeepShareForm.tsx')).DeepShareForm })),
  snl: SnlForm,
  random: lazy(async () => ({ default: (await import('./RandomForm.tsx')).RandomForm })),
};
