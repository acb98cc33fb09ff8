/** The project's own engines as contenders: `studio`, and `stock` (tfjs's own ops and autodiff). */
import { createEngine, type EngineKind } from '../../src/engine/createEngine.ts';
import type { Gpu } from '../../src/engine/device.ts';
import { BATCHES, imagesOf, stepSettings, weightsOf, type Configuration } from '../workload.ts';
import { StudioEngine } from '../../src/engine/studio/studioEngine.ts';
import type { Contender, ProfileRow } from './contender.ts';

/** Each dispatch's time is the least of so many runs: a shared machine only ever adds. */
const PROFILE_RUNS = 5;

async function profileOf(engine: StudioEngine): Promise<ProfileRow[]> {
  const best = await engine.profile(0, stepSettings);
  for (let run = 1; run < PROFILE_RUNS; run++)
    (await engine.profile(0, stepSettings)).forEach(
      ({ seconds }, i) => (best[i].seconds = Math.min(best[i].seconds, seconds)),
    );
  return best;
}

export async function engineContender(kind: EngineKind, gpu: Gpu, configuration: Configuration): Promise<Contender> {
  const { network, batch } = configuration;
  const engine = createEngine(kind, gpu, { network, gates: {}, batch });
  await engine.compile();
  engine.setData(imagesOf(configuration));
  engine.setWeights(weightsOf(configuration));
  engine.setOrder(Uint32Array.from({ length: BATCHES * batch }, (_, i) => i));
  return {
    step: (index) => engine.step((index % BATCHES) * batch, stepSettings),
    settle: () => engine.settle(),
    async loss() {
      // Sums since the last reading: callers read after every step that they want the loss of.
      return (await engine.metrics()).loss;
    },
    ...(engine instanceof StudioEngine ? { profile: () => profileOf(engine) } : {}),
  };
}
