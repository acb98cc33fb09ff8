/**
 * Mutants of a TypeScript file by hand-written rules: one operator, constant or comparison changed. Comments and strings are left
 * alone; text of template literals (in the kernels: WGSL) is changed only where it is asked for.
 */
const OPERATORS = [
  [' + ', ' - '],
  [' - ', ' + '],
  [' * ', ' / '],
  [' / ', ' * '],
  [' < ', ' <= '],
  [' <= ', ' < '],
  [' > ', ' >= '],
  [' >= ', ' > '],
  [' === ', ' !== '],
  [' !== ', ' === '],
  [' == ', ' != '],
  [' && ', ' || '],
  [' || ', ' && '],
  [' += ', ' -= '],
  ['Math.max(', 'Math.min('],
  ['Math.min(', 'Math.max('],
  ['max(', 'min('],
  ['true', 'false'],
  ['false', 'true'],
];
const NUMBER = /(?<![\w.$])\d+(?:\.\d+)?(?:e-?\d+)?(?=[uf]?\b)(?![\w.]*\.\w)/y;

/** One letter per character: c comment, s string, t text of a template literal, or . for code. */
function regionsOf(source) {
  const regions = Array.from(source, () => '.');
  const stack = [];
  let i = 0;
  const mark = (to, letter) => {
    for (; i < to; i++) regions[i] = letter;
  };
  const template = () => {
    while (i < source.length && source[i] !== '`') {
      if (source[i] === '\\') mark(i + 2, 't');
      else if (source.startsWith('${', i)) {
        mark(i + 2, 's');
        stack.push({ depth: 0 });
        return;
      } else mark(i + 1, 't');
    }
    mark(i + 1, 's');
  };
  while (i < source.length) {
    const top = stack.at(-1);
    if (source.startsWith('//', i))
      mark((source.indexOf('\n', i) + source.length) % source.length || source.length, 'c');
    else if (source.startsWith('/*', i)) mark(source.indexOf('*/', i) + 2, 'c');
    else if (source[i] === "'" || source[i] === '"') {
      const quote = source[i];
      let end = i + 1;
      while (end < source.length && source[end] !== quote && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1;
      mark(end + 1, 's');
    } else if (source[i] === '`') {
      mark(i + 1, 's');
      template();
    } else if (top && source[i] === '{') {
      top.depth++;
      i++;
    } else if (top && source[i] === '}') {
      if (top.depth-- > 0) i++;
      else {
        mark(i + 1, 's');
        stack.pop();
        template();
      }
    } else i++;
  }
  return regions.join('');
}

/**
 * Every mutant of a source: where it begins, the text there and what takes its place.
 * @param region '.' for code, 't' for the text of template literals
 */
export function mutantsOf(source, region) {
  const regions = regionsOf(source);
  const found = [];
  const imports = /^(import|export \*|} from) /;
  for (let i = 0; i < source.length; i++) {
    if (regions[i] !== region) continue;
    const line = source.slice(source.lastIndexOf('\n', i) + 1, i);
    if (region === '.' && imports.test(line)) continue;
    const word = /\w/.test(source[i - 1] ?? ' ');
    for (const [text, replacement] of OPERATORS) {
      if (!source.startsWith(text, i) || (/^\w/.test(text) && (word || source[i - 1] === '.'))) continue;
      if (/^\w+$/.test(text) && /[\w?:]/.test(source[i + text.length] ?? '')) continue;
      found.push({ at: i, text, replacement });
      break;
    }
    NUMBER.lastIndex = i;
    const number = NUMBER.exec(source)?.[0];
    if (number !== undefined) {
      const next = number.includes('.') || number.includes('e') ? `(${number} * 1.5)` : String(Number(number) + 1);
      found.push({ at: i, text: number, replacement: next });
      i += number.length - 1;
    }
  }
  return found;
}

/** Mulberry32: the same draw for the same seed everywhere. */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
