/** The documented schema of the list of gates is the one that the program uses. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { gateListSchema } from './gateList.ts';

const file = fileURLToPath(new URL('../../docs/gates.schema.json', import.meta.url));

test('docs/gates.schema.json is up to date (RELU_UPDATE=1 writes it)', () => {
  const schema = { title: 'ReLU Studio: list of gates, version 1', ...z.toJSONSchema(gateListSchema) };
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env.RELU_UPDATE) writeFileSync(file, text);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(text));
});
