/** Every method there is. A new method adds its import and a line; the union of methods and its schema follow from the table. */
import { z } from 'zod';
import { deepreduce } from './deepreduce.ts';
import { deepshare } from './deepshare.ts';
import { ROLES, type ExpectedPhase, type MethodDescriptor, type Role } from './descriptor.ts';
import { random } from './random.ts';
import { reuse } from './reuse.ts';
import { snl } from './snl.ts';

/** Methods of one role apply and are listed in the order of this table. */
const METHODS = { deepreduce, reuse, deepshare, snl, random };

const [firstSchema, ...otherSchemas] = Object.values(METHODS).map(({ schema }) => schema);

function unknownMethod({ code, input }: { code?: string; input?: unknown }): string | undefined {
  const name = (input as { name?: unknown } | null)?.name;
  if (code !== 'invalid_union' || typeof name !== 'string') return undefined;
  return `${JSON.stringify(name)} is not a known method: must be one of ${Object.keys(METHODS)
    .map((known) => `"${known}"`)
    .join(', ')}`;
}

/** The settings of any method, told apart by name. */
export const methodSchema = z.discriminatedUnion('name', [firstSchema, ...otherSchemas], { error: unknownMethod });
export type Method = z.infer<typeof methodSchema>;
export type MethodName = Method['name'];
export type MethodNamed<N extends MethodName> = Extract<Method, { name: N }>;

const DESCRIPTORS: { [N in MethodName]: MethodDescriptor<MethodNamed<N>> } = METHODS;

export const descriptorOf = <N extends MethodName>(name: N): MethodDescriptor<MethodNamed<N>> => DESCRIPTORS[name];

const roleRank = (role: Role) => Object.keys(ROLES).indexOf(role);

/** Every method, in the order in which methods apply. */
export const METHOD_ORDER: readonly MethodName[] = Object.values(METHODS)
  .toSorted((a, b) => roleRank(a.role) - roleRank(b.role))
  .map(({ name }) => name);

/** A copy in the order in which the methods apply. */
export const inOrder = <M extends { name: MethodName }>(methods: readonly M[]): M[] =>
  methods.toSorted((a, b) => METHOD_ORDER.indexOf(a.name) - METHOD_ORDER.indexOf(b.name));

/** Two methods that decide the same thing, so that an experiment can have only one of them. */
export const exclude = (a: MethodName, b: MethodName): boolean => descriptorOf(a).role === descriptorOf(b).role;

/** The settings of one method, or undefined where the experiment does not use it. */
export const methodNamed = <N extends MethodName>(
  { methods }: { methods: readonly Method[] },
  name: N,
): MethodNamed<N> | undefined => methods.find((method): method is MethodNamed<N> => method.name === name);

/** Phases of a method as estimates of time and memory take them. */
export const expectedPhases = (method: Method): ExpectedPhase[] => descriptorOf(method.name).phases(method);
