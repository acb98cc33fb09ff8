/** methodCounts of the experiment on the page, computed again only when its network or methods change. */
import { useMemo } from 'react';
import type { MethodName } from '../../domain/methods/registry.ts';
import { useExperiment } from '../stores/experiment.ts';
import { methodCounts } from './methodCounts.ts';

export function useMethodCounts(name: MethodName): ReturnType<typeof methodCounts> {
  const network = useExperiment((s) => s.experiment.network);
  const methods = useExperiment((s) => s.experiment.methods);
  return useMemo(() => methodCounts({ network, methods }, name), [network, methods, name]);
}
