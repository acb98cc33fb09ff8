/**
 * The few words of Vitest that GPU tests use, without Vitest: the packed archive's stand-in. Tests run one after the other; a line
 * each on standard output. A matcher that is not here is an error when the archive is built, not a test that passes.
 */
import assert from 'node:assert/strict';
import { format } from 'node:util';

type Body = () => unknown;
type Hook = () => unknown;

interface Suite {
  name: string;
  skipped: boolean;
  parent: Suite | null;
  children: (Suite | Test)[];
  hooks: Record<'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach', Hook[]>;
}

interface Test {
  name: string;
  skipped: boolean;
  body: Body;
}

const suite = (name: string, skipped: boolean, parent: Suite | null): Suite => ({
  name,
  skipped,
  parent,
  children: [],
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
});

const root = suite('', false, null);
let current = root;

/** Vitest allows options before or after the body; they are time limits, which the archive does without. */
const bodyOf = (rest: unknown[]): ((...args: unknown[]) => unknown) => {
  const body = rest.find((part) => typeof part === 'function');
  assert(body, 'a test without a body');
  return body as (...args: unknown[]) => unknown;
};

/** `it.each` and `describe.each`: %s and the like by printf, arrays of cases spread. */
const each =
  (add: (name: string, body: Body) => void) =>
  (cases: readonly unknown[]) =>
  (name: string, ...rest: unknown[]): void => {
    const body = bodyOf(rest);
    for (const one of cases) {
      const args = Array.isArray(one) ? (one as unknown[]) : [one];
      const places = (name.match(/%[sdifjoO]/g) ?? []).length;
      add(format(name, ...args.slice(0, places)), () => body(...args));
    }
  };

function addSuite(name: string, body: Body, skipped = false): void {
  const outer = current;
  const inner = suite(name, skipped, outer);
  outer.children.push(inner);
  current = inner;
  body();
  current = outer;
}

const addTest = (name: string, body: Body, skipped = false): void => {
  current.children.push({ name, skipped, body });
};

type Adder = ((name: string, ...rest: unknown[]) => void) & {
  each: ReturnType<typeof each>;
  skip: (name: string, ...rest: unknown[]) => void;
  skipIf: (condition: unknown) => Adder;
  runIf: (condition: unknown) => Adder;
};

function adder(add: (name: string, body: Body, skipped?: boolean) => void, skipped = false): Adder {
  const plain = (name: string, ...rest: unknown[]) => add(name, bodyOf(rest), skipped);
  return Object.assign(plain, {
    each: each((name, body) => add(name, body, skipped)),
    skip: (name: string, ...rest: unknown[]) => add(name, bodyOf(rest), true),
    skipIf: (condition: unknown) => adder(add, skipped || Boolean(condition)),
    runIf: (condition: unknown) => adder(add, skipped || !condition),
  });
}

export const describe = adder(addSuite);
export const it = adder(addTest);
export const beforeAll = (hook: Hook): void => void current.hooks.beforeAll.push(hook);
export const afterAll = (hook: Hook): void => void current.hooks.afterAll.unshift(hook);
export const beforeEach = (hook: Hook): void => void current.hooks.beforeEach.push(hook);
export const afterEach = (hook: Hook): void => void current.hooks.afterEach.unshift(hook);

function thrown(action: unknown): unknown {
  try {
    (action as () => unknown)();
  } catch (error) {
    return error ?? new Error('something empty was thrown');
  }
  return undefined;
}

const messageFits = (error: unknown, wanted: unknown): boolean => {
  if (wanted === undefined) return true;
  if (typeof wanted === 'function') return error instanceof (wanted as new () => unknown);
  const message = error instanceof Error ? error.message : String(error);
  return wanted instanceof RegExp ? wanted.test(message) : message.includes(wanted as string);
};

const equal = (a: unknown, b: unknown): boolean => {
  try {
    assert.deepStrictEqual(a, b);
    return true;
  } catch {
    return false;
  }
};

/** What is asked of a value: true or false; the message is made from the matcher's name. */
const MATCHERS = {
  toBe: (value: unknown, wanted: unknown) => Object.is(value, wanted),
  toEqual: equal,
  toStrictEqual: equal,
  toBeUndefined: (value: unknown) => value === undefined,
  toBeDefined: (value: unknown) => value !== undefined,
  toBeNull: (value: unknown) => value === null,
  toBeTruthy: (value: unknown) => Boolean(value),
  toBeFalsy: (value: unknown) => !value,
  toBeLessThan: (value: unknown, limit: unknown) => (value as number) < (limit as number),
  toBeLessThanOrEqual: (value: unknown, limit: unknown) => (value as number) <= (limit as number),
  toBeGreaterThan: (value: unknown, limit: unknown) => (value as number) > (limit as number),
  toBeGreaterThanOrEqual: (value: unknown, limit: unknown) => (value as number) >= (limit as number),
  toBeCloseTo: (value: unknown, wanted: unknown, digits: unknown = 2) =>
    Math.abs((value as number) - (wanted as number)) < 10 ** -(digits as number) / 2,
  toHaveLength: (value: unknown, length: unknown) => (value as { length: number }).length === length,
  toContain: (value: unknown, part: unknown) => (value as unknown[]).includes(part),
  toMatch: (value: unknown, pattern: unknown) => messageFits(value, pattern),
  toBeInstanceOf: (value: unknown, type: unknown) => value instanceof (type as new () => unknown),
  toThrow: (action: unknown, wanted: unknown) => {
    const error = thrown(action);
    return error !== undefined && messageFits(error, wanted);
  },
};

type Matchers = { [K in keyof typeof MATCHERS]: (...wanted: unknown[]) => void };

function matchers(value: unknown, wantedOutcome: boolean, hint: string): Matchers {
  const entries = Object.entries(MATCHERS).map(([name, matches]) => [
    name,
    (...wanted: unknown[]) => {
      const outcome = (matches as (value: unknown, ...wanted: unknown[]) => boolean)(value, ...wanted);
      if (outcome !== wantedOutcome)
        throw new Error(format(`%o${wantedOutcome ? '' : ' not'} ${name}`, value, ...wanted, hint));
    },
  ]);
  return Object.fromEntries(entries) as Matchers;
}

export function expect(value: unknown, hint = '') {
  return {
    ...matchers(value, true, hint),
    not: matchers(value, false, hint),
    rejects: {
      async toThrow(wanted?: unknown): Promise<void> {
        let error: unknown;
        try {
          await (typeof value === 'function' ? (value as () => unknown)() : value);
        } catch (caught) {
          error = caught ?? new Error('something empty was thrown');
        }
        if (error === undefined || !messageFits(error, wanted))
          throw new Error(format('%o did not throw %o', error, wanted));
      },
    },
  };
}

const counts = { passed: 0, failed: 0, skipped: 0 };

async function runTest(found: Test, path: string, chain: Suite[]): Promise<void> {
  const start = performance.now();
  try {
    for (const { hooks } of chain) for (const hook of hooks.beforeEach) await hook();
    await found.body();
    for (const { hooks } of [...chain].reverse()) for (const hook of hooks.afterEach) await hook();
    counts.passed++;
    console.log(`  ok    ${path} (${Math.round(performance.now() - start)} ms)`);
  } catch (error) {
    counts.failed++;
    console.log(`  FAIL  ${path}\n        ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}

async function runSuite(found: Suite, path: string, chain: Suite[], skipped: boolean): Promise<void> {
  const inside = [...chain, found];
  const skip = skipped || found.skipped;
  try {
    if (!skip) for (const hook of found.hooks.beforeAll) await hook();
    for (const child of found.children) {
      const name = path ? `${path} > ${child.name}` : child.name;
      if ('children' in child) await runSuite(child, name, inside, skip);
      else if (skip || child.skipped) counts.skipped++;
      else await runTest(child, name, inside);
    }
    if (!skip) for (const hook of found.hooks.afterAll) await hook();
  } catch (error) {
    counts.failed++;
    console.log(
      `  FAIL  ${path || 'the file'}\n        ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

/** Runs what the loaded file declared; the last line is its counts as JSON. */
export async function runAll(): Promise<boolean> {
  await runSuite(root, '', [], false);
  console.log(JSON.stringify(counts));
  return counts.failed === 0;
}
