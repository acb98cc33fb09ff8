/**
 * `npm run shaders`: every kernel that a training step runs on a GPU, without one: shape, workgroups, multiply-adds, bytes, and predicted
 * time on three described GPUs (src/engine/studio/costModel.ts). Writes the WGSL files for tools that compile them.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gateMapOf } from '../src/domain/composition.ts';
import { readExperiment } from '../src/cli/experimentFile.ts';
import type { EngineSettings } from '../src/engine/api.ts';
import { asText, fileOf, tableOf } from './shaderTable.ts';
import { CONFIGURATIONS } from './workload.ts';

const USAGE = `usage: npm run shaders -- [--config NAME,… | --experiment FILE] [--batch N] [--out DIR] [--json]

  --config NAME       networks of the benchmark: ${CONFIGURATIONS.map(({ name }) => name).join(', ')} (m64-b128,hrn553-m16-b128)
  --experiment FILE   an experiment's network with its gates instead
  --batch N           images a step (the configuration's or the experiment's)
  --out DIR           folder for the WGSL files, emptied first (.cache/shaders)
  --json              the table as JSON
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', default: 'm64-b128,hrn553-m16-b128' },
      experiment: { type: 'string' },
      batch: { type: 'string' },
      out: { type: 'string', default: join('.cache', 'shaders') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const wanted = values.batch === undefined ? null : Number(values.batch);
  if (wanted !== null && !(Number.isInteger(wanted) && wanted > 0))
    throw new Error(`--batch is a positive integer.\n${USAGE}`);
  const plans: [string, EngineSettings][] = [];
  if (values.experiment !== undefined) {
    const experiment = await readExperiment(values.experiment);
    const batch = wanted ?? experiment.engine.microBatch ?? experiment.dense.batch;
    plans.push([experiment.name, { network: experiment.network, gates: gateMapOf(experiment), batch }]);
  } else {
    for (const name of values.config.split(',')) {
      const configuration = CONFIGURATIONS.find((candidate) => candidate.name === name);
      if (!configuration) throw new Error(`There is no configuration "${name}".\n${USAGE}`);
      plans.push([name, { network: configuration.network, gates: {}, batch: wanted ?? configuration.batch }]);
    }
  }
  rmSync(values.out, { recursive: true, force: true });
  mkdirSync(values.out, { recursive: true });
  const tables = plans.map(([name, settings]) => {
    const { table, specs } = tableOf(name, settings);
    for (const { kernel } of specs) writeFileSync(join(values.out, fileOf(kernel.key)), kernel.code);
    return table;
  });
  console.log(values.json ? JSON.stringify(tables, null, 2) : tables.map(asText).join('\n'));
  console.error(`WGSL files: ${values.out}`);
  return 0;
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 2;
  },
);
