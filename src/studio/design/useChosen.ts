/** The experiment's network as marked in the plot of FLOPs over ReLUs. */
import { useMemo } from 'react';
import { networkName } from '../../domain/describe.ts';
import { macsOf } from '../../domain/layerCost.ts';
import { useOutlook } from '../outlook.ts';
import { useExperiment } from '../stores/experiment.ts';

export interface ChosenNetwork {
  title: string;
  /** Of the dense network. */
  relus: number;
  macs: number;
  /** DReLUs at the end of the run. */
  drelusAfter: number;
}

/** Null where the settings are not a valid network. */
export function useChosen(): ChosenNetwork | null {
  const network = useExperiment((s) => s.experiment.network);
  const outlook = useOutlook();
  return useMemo(
    () =>
      'problem' in outlook
        ? null
        : {
            title: networkName(network),
            relus: outlook.dense.total.drelus,
            macs: macsOf(network),
            drelusAfter: outlook.drelus,
          },
    [network, outlook],
  );
}
