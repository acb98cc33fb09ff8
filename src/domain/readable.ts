/**
 * Zod's issues as one sentence that names the field by its path: `network.widths[2] must be at least 1.`
 */
import { printable } from './printable.ts';
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** ['network', 'widths', 2] → network.widths[2]. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${printable(String(key), 60)}`))
    .join('');

/**
 * JSON.parse for files that people may have edited: passes over a byte order mark.
 * @throws SyntaxError whose message is short and on one line, fit to stand in brackets.
 */
export function parseJson(text: string): unknown {
  const plain = text.replace(/^\ufeff/, '');
  if (plain.trim() === '') throw new SyntaxError('the file is empty');
  try {
    return JSON.parse(plain) as unknown;
  } catch (cause) {
    // Engines quote what they stumbled over, line ends and all.
    const message = (cause as Error).message.replace(/^JSON\.parse: |\.$/g, '');
    throw new SyntaxError(printable(message, 120), { cause });
  }
}

const quoted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ');

/** The deepest complaint of a union that no branch accepts: the branch that came furthest is the one that was meant. */
function innermost(issue: Issue, path: readonly PropertyKey[]): { issue: Issue; path: readonly PropertyKey[] } {
  const whole = [...path, ...issue.path];
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return { issue, path: whole };
  const branches = issue.errors.filter((errors) => errors.length > 0);
  const deepest = branches.toSorted((a, b) => b[0].path.length - a[0].path.length).at(0);
  return deepest ? innermost(deepest[0], whole) : { issue, path: whole };
}

function complaint(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined') ? 'is missing' : `must be ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must have at least ${issue.minimum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? `must have at most ${issue.maximum} ${issue.origin === 'array' ? 'entries' : 'characters'}`
        : `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.length === 1 ? `must be ${quoted(issue.values)}` : `must be one of ${quoted(issue.values)}`;
    case 'unrecognized_keys':
      return `has ${issue.keys.length > 1 ? 'fields that are' : 'a field that is'} not known: ${listed(issue.keys)}`;
    case 'invalid_union':
      // A union may have a sentence of its own for what it does not know.
      if (!issue.message.startsWith('Invalid ')) return issue.message;
      return 'options' in issue && issue.options
        ? `must be one of ${quoted(issue.options)}`
        : 'has none of the shapes allowed';
    case 'invalid_format':
      return issue.format === 'datetime' ? 'must be a time such as 2026-11-21T08:00:00Z' : issue.message;
    case 'custom':
      return issue.message.replace(/\.$/, '');
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
  }
}

/** Keys come from the file: at most five are named. */
const listed = (keys: readonly string[]): string =>
  [
    ...keys.slice(0, 5).map((key) => printable(key, 60)),
    ...(keys.length > 5 ? [`and ${keys.length - 5} more`] : []),
  ].join(', ');

const article = (expected: string) =>
  ({
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    array: 'a list',
    object: 'an object',
    boolean: 'true or false',
    record: 'an object',
    tuple: 'a list',
  })[expected] ?? expected;

/** The first thing that is wrong, as one sentence opening with the field's path. `root` names the whole where the path is empty. */
export function readableIssue(error: z.core.$ZodError, root = 'the file'): string {
  const { issue, path } = innermost(error.issues[0], []);
  const where = pathText(path) || root;
  return issue.code === 'custom' ? `${where}: ${complaint(issue)}.` : `${where} ${complaint(issue)}.`;
}
