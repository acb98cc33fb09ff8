/**
 * Puts one network on the GPU: parameters, coefficients with the gate map's tables, the buffer of shared DReLUs, and the folding of
 * batch norms for evaluation.
 */
import type { GateMap } from '../../domain/gateMap.ts';
import type { NetworkSpec } from '../../domain/network.ts';
import { FOLD_WORDS, normFoldKernel } from '../kernels/norm.ts';
import type { GpuMemory, Slice } from '../gpu/memory.ts';
import type { DispatchSpec } from '../gpu/recording.ts';
import { NONE } from '../kernels/siteTables.ts';
import { planCoefficients } from './coefficients.ts';
import { divide } from './geometry.ts';
import { layoutOf, ParameterStore, type ParameterCopy } from './parameters.ts';
import type { NetworkState } from './planForward.ts';

/** Chunks stay well under the smallest binding limit that WebGPU promises (128 MiB). */
const CHUNK_FLOATS = (128 * 2 ** 20) / 4;

/** @throws RangeError naming the site whose gate does not fit. */
export function placeNetwork(
  memory: GpuMemory,
  network: NetworkSpec,
  gates: GateMap,
  batch: number,
  kinds: readonly ParameterCopy[],
  name: string,
): NetworkState {
  const plan = planCoefficients(network, gates);
  const parameters = new ParameterStore(memory, layoutOf(network, gates, CHUNK_FLOATS), kinds, name);
  const coefficients = memory.allocate(16 * plan.vectors, `${name} coefficients`);
  for (const [at, values] of plan.constants) memory.device.queue.writeBuffer(coefficients.buffer, 16 * at, values);

  const exported = [...plan.sites.values()].filter((site) => site.variant.exported);
  let floats = 0;
  const place = () =>
    new Map(
      exported.map((site) => {
        const at = floats;
        floats += 4 * site.c4 * site.positions * batch;
        return [site.layer.id, at];
      }),
    );
  const [gateOffsets, gradientOffsets] = [place(), place()];
  const drelus =
    exported.length > 0
      ? { slice: memory.allocate(4 * floats, `${name} shared DReLUs`), gates: gateOffsets, gradients: gradientOffsets }
      : null;
  return { network, parameters, coefficients, plan, drelus };
}

/** The dispatch that computes every norm's coefficients from running statistics, and the table it reads. */
export function foldDispatch(memory: GpuMemory, state: NetworkState): { dispatch: DispatchSpec; table: Slice } {
  const rows: number[] = [];
  for (const site of state.plan.sites.values()) {
    const { layer, c4 } = site;
    const share = site.gate.kind === 'share' && site.gate.affine === 'trained';
    const norms = [{ name: layer.norm, at: site.norm, main: true }];
    if (layer.residual?.norm) norms.push({ name: layer.residual.norm, at: site.residualNorm, main: false });
    for (const { name, at, main } of norms) {
      const vector = (suffix: string) => state.parameters.vector(`${name}.${suffix}`);
      for (let channel4 = 0; channel4 < c4; channel4++) {
        const row = [c4, channel4, at, vector('weight'), vector('bias'), vector('running_mean'), vector('running_var')];
        row.push(main && share ? site.site! : NONE);
        row.push(main && share ? state.parameters.vector(`${layer.id}.scale`) : 0);
        row.push(main && share ? state.parameters.vector(`${layer.id}.shift`) : 0);
        while (row.length < FOLD_WORDS) row.push(0);
        rows.push(...row);
      }
    }
  }
  const table = memory.allocate(4 * rows.length, 'fold table');
  memory.device.queue.writeBuffer(table.buffer, 0, Uint32Array.from(rows));
  const count = rows.length / FOLD_WORDS;
  return {
    table,
    dispatch: {
      label: 'norm fold',
      kernel: normFoldKernel,
      dims: { rows: count },
      buffers: {
        table,
        parameters: state.parameters.small.get('parameters')!,
        running: state.parameters.running,
        coefficients: state.coefficients,
      },
      grid: [divide(count, 64), 1, 1],
    },
  };
}
