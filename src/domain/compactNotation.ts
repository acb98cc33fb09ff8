/**
 * JSON values in few characters that an address may carry unescaped, after Rison:
 *
 *   (key:value,…)   object        !(value,…)   array        !t !f !n   true, false, null
 *   12 -0.5 1e-5    number        word         string of letters, digits, - . _ that begins with a letter and is no number
 *   'text'          any other string; ! escapes ' and !, and what an address may not carry is percent-encoded
 *   !x              nothing: the key is taken away (only where a difference is written)
 */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Stands in a difference for a key that is to go. */
export const ABSENT: unique symbol = Symbol('absent');
export type Compact = null | boolean | number | string | typeof ABSENT | Compact[] | { [key: string]: Compact };

export const isPlain = (value: unknown): value is Record<string, Compact> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const WORD = /^[A-Za-z][A-Za-z0-9._-]*$/;

/** Unpaired surrogates have no UTF-8 and no place in an address: U+FFFD stands for them, as in JavaScript's toWellFormed. */
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd');

const quoted = (text: string): string =>
  WORD.test(text)
    ? text
    : `'${encodeURIComponent(wellFormed(text).replace(/[!']/g, '!$&')).replace(/%(2C|3A|2F|40|3F|3B)/g, decodeURIComponent)}'`;

const numberText = (value: number): string => {
  const text = String(value).replace('e+', 'e');
  return text.startsWith('0.000') ? value.toExponential() : text;
};

export function toCompact(value: Compact): string {
  if (value === ABSENT) return '!x';
  if (value === null) return '!n';
  if (typeof value === 'boolean') return value ? '!t' : '!f';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `!(${value.map(toCompact).join(',')})`;
  const fields = Object.entries(value as Record<string, Compact>);
  return `(${fields.map(([key, field]) => `${quoted(key)}:${toCompact(field)}`).join(',')})`;
}

/** @throws SyntaxError naming the place. */
export function fromCompact(text: string): Compact {
  let at = 0;
  const fail = (expected: string): never => {
    throw new SyntaxError(`${expected} expected at character ${at + 1}`);
  };
  const take = (char: string) => {
    if (text[at] !== char) fail(`"${char}"`);
    at++;
  };

  const string = (): string => {
    take("'");
    let raw = '';
    while (text[at] !== "'") {
      if (at >= text.length) fail('the closing quote');
      raw += text[at++];
      // an escaped quote does not close
      if (raw.endsWith('!') && at < text.length) raw += text[at++];
    }
    take("'");
    try {
      return decodeURIComponent(raw.replaceAll(/%21(.)/g, '!$1')).replace(/!([!'])/g, '$1');
    } catch {
      return fail('text without a broken % escape');
    }
  };

  const list = (close: string, entry: () => void) => {
    if (text[at] !== close) {
      entry();
      while (text[at] === ',') {
        at++;
        entry();
      }
    }
    take(close);
  };

  const word = (): string => {
    const match = /^[A-Za-z0-9._+-]+/.exec(text.slice(at, at + 200))?.[0];
    if (match === undefined) return fail('a value');
    at += match.length;
    return match;
  };

  const value = (depth: number): Compact => {
    if (depth > 20) fail('less nesting');
    const char = text[at];
    if (char === "'") return string();
    if (char === '(') {
      at++;
      const object: Record<string, Compact> = {};
      list(')', () => {
        const key = text[at] === "'" ? string() : word();
        if (key === '__proto__') fail('another key');
        take(':');
        object[key] = value(depth + 1);
      });
      return object;
    }
    if (char === '!') {
      at++;
      const kind = text[at++];
      if (kind === 't') return true;
      if (kind === 'f') return false;
      if (kind === 'n') return null;
      if (kind === 'x') return ABSENT;
      if (kind !== '(') fail('one of !t !f !n !x !(');
      const array: Compact[] = [];
      list(')', () => array.push(value(depth + 1)));
      return array;
    }
    const bare = word();
    if (WORD.test(bare)) return bare;
    const number = Number(bare);
    return Number.isFinite(number) ? number : fail('a number');
  };

  const whole = value(0);
  if (at !== text.length) fail('the end');
  return whole;
}
