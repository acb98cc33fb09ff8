/** Parses arguments: Node's parseArgs, options with several values, and errors that say what to do. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Record<string, string | boolean | string[] | undefined>;

/** `--data a b --out d` → `--data=a --data=b --out d`: an option with `multiple` takes all arguments up to the next option. */
function spread(args: readonly string[], options: Options): string[] {
  const result: string[] = [];
  let collecting: string | null = null;
  args.forEach((word, i) => {
    if (word.startsWith('--')) {
      const [name] = word.slice(2).split('=');
      collecting = options[name]?.multiple ? `--${name}` : null;
      if (collecting === null || word.includes('=')) result.push(word);
      else if (args[i + 1] === undefined || args[i + 1].startsWith('--'))
        throw new Error(`${collecting} lacks its value`);
    } else result.push(collecting === null ? word : `${collecting}=${word}`);
  });
  return result;
}

function read(command: string, args: readonly string[], options: Options, allowPositionals: boolean) {
  try {
    return parseArgs({ args: spread(args, options), options, strict: true, allowPositionals });
  } catch (cause) {
    const message = (cause as Error).message.replace(/\s+/g, ' ');
    // parseArgs reads `--others -1` as two options and reports an ambiguity.
    const incomplete = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument (?:missing|is ambiguous)/.exec(message)?.[1];
    const sentence = incomplete ? `${incomplete} lacks its value` : message.split('. ')[0].replace(/\.$/, '');
    throw new UsageError(`${sentence}. See "relu-studio ${command} --help".`, { cause });
  }
}

/** @throws UsageError naming the option that is unknown, has no value or is not allowed. */
export function readOptions<T extends Values>(command: string, args: readonly string[], options: Options): T {
  return read(command, args, options, false).values as T;
}

/** Options, and positional arguments (`words`). @throws UsageError */
export function readWords<T extends Values>(
  command: string,
  args: readonly string[],
  options: Options,
): { words: string[]; values: T } {
  const { positionals, values } = read(command, args, options, true);
  return { words: positionals, values: values as T };
}

/** @throws UsageError if the option was not given. */
export function required(value: string | undefined, option: string, command: string): string {
  if (value === undefined || value === '')
    throw new UsageError(`${option} is missing. See "relu-studio ${command} --help".`);
  return value;
}

/** `3,2,4,1` → [3, 2, 4, 1]. @throws UsageError */
export function wholeNumbers(text: string, option: string): number[] {
  const numbers = text.split(/[,\s]+|(?<=\d)-/).map(Number);
  if (text.trim() === '' || !numbers.every((n) => Number.isInteger(n) && n >= 1))
    throw new UsageError(`${option} takes whole numbers of at least 1, such as 2,2,2,2, not "${text}".`);
  return numbers;
}

/** @throws UsageError unless it is an integer from `least` to `most`. */
export function wholeNumber(text: string, option: string, least = 1, most = Infinity): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most)
    throw new UsageError(
      `${option} takes a whole number ${most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`}, not "${text}".`,
    );
  return value;
}

/** @throws UsageError */
export function positiveNumber(text: string, option: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`${option} takes a number above 0, not "${text}".`);
  return value;
}
