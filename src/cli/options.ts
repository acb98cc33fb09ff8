/** Reading arguments: Node's parseArgs, options that take several values, and errors that say what to do. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './errors.ts';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values = Record<string, string | boolean | string[] | undefined>;

/** `--data a b --out d` → `--data=a --data=b --out d`: an option with `multiple` takes all words up to the next option. */
function spread(args: readonly string[], options: Options): string[] {
  const result: string[] = [];
  let collecting: string | null = null;
  for (const word of args) {
    if (word.startsWith('--')) {
      const name = word.slice(2).split('=')[0];
      collecting = options[name]?.multiple ? word : null;
      if (collecting === null || word.includes('=')) result.push(word);
    } else if (collecting !== null) result.push(`${collecting.split('=')[0]}=${word}`);
    else result.push(word);
  }
  return result;
}

/** @throws UsageError naming the option that is not known, lacks its value or is too many. */
export function readOptions<T extends Values>(command: string, args: readonly string[], options: Options): T {
  try {
    return parseArgs({ args: spread(args, options), options, strict: true, allowPositionals: false }).values as T;
  } catch (cause) {
    const sentence = (cause as Error).message.split('. ')[0].replace(/\.$/, '');
    throw new UsageError(`${sentence}. See "relu-studio ${command} --help".`, { cause });
  }
}

/** @throws UsageError where the option was not given. */
export function required(value: string | undefined, option: string, command: string): string {
  if (value === undefined || value === '')
    throw new UsageError(`${option} is missing. See "relu-studio ${command} --help".`);
  return value;
}

/** `3,2,4,1` → [3, 2, 4, 1]. @throws UsageError */
export function wholeNumbers(text: string, option: string): number[] {
  const numbers = text.split(/[,\s-]+/).map(Number);
  if (text.trim() === '' || !numbers.every((n) => Number.isInteger(n) && n >= 1))
    throw new UsageError(`${option} takes whole numbers of at least 1, such as 2,2,2,2, not "${text}".`);
  return numbers;
}

/** @throws UsageError */
export function positiveNumber(text: string, option: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new UsageError(`${option} takes a number above 0, not "${text}".`);
  return value;
}
