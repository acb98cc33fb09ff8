/**
 * Damage done to files, at random and the same every time: bytes cut, flipped, put in, left out; JSON values replaced by others of
 * the wrong kind, size or depth.
 */
import type { Random } from '../../src/domain/random.ts';

const concat = (...parts: Uint8Array[]): Uint8Array => {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** Numbers at which parsers go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** One to four changes of the kinds that broken downloads and hostile files have; half of them in the first bytes, where the structure is. */
export function damageBytes(bytes: Uint8Array, random: Random): Uint8Array {
  let out: Uint8Array = bytes.slice();
  const changes = 1 + random.below(4);
  for (let k = 0; k < changes && out.length > 0; k++) {
    const at = random.below(random.below(2) === 0 ? Math.min(out.length, 600) : out.length);
    switch (random.below(8)) {
      case 0:
        out = out.slice(0, at);
        break;
      case 1:
        out[at] ^= 1 << random.below(8);
        break;
      case 2:
        out[at] = random.uint32();
        break;
      case 3:
        out = concat(out.subarray(0, at), out.subarray(at + 1 + random.below(600)));
        break;
      case 4:
        out = concat(
          out.subarray(0, at),
          Uint8Array.from({ length: random.below(40) }, () => random.uint32()),
          out.subarray(at),
        );
        break;
      case 5:
        out.fill(random.below(2) * 255, at, at + random.below(9));
        break;
      case 6: {
        // An edge value over one to eight bytes, little-endian.
        let value = EDGES[random.below(EDGES.length)];
        for (let i = at; i < Math.min(out.length, at + 1 + random.below(8)); i++) {
          out[i] = value & 255;
          value = Math.floor(value / 256);
        }
        break;
      }
      default: {
        // A piece of the file once more, at another place.
        const piece = out.subarray(at, at + 1 + random.below(200));
        const to = random.below(out.length);
        out = concat(out.subarray(0, to), piece, out.subarray(to));
      }
    }
  }
  return out;
}

/** `depth` lists inside one another. */
function nested(depth: number): unknown {
  let value: unknown = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}

const HOSTILE: (() => unknown)[] = [
  () => null,
  () => true,
  () => -1,
  () => 0.5,
  () => 1e308,
  () => 1e-46,
  () => 2 ** 53,
  () => '',
  () => 'x'.repeat(100_000),
  () => '\ud800',
  () => 'line\nbreak\u0007\u202e',
  () => ({}),
  () => [],
  () => ({ toString: 1, toJSON: 'x' }),
  () => nested(1500),
  () => Array.from({ length: 50_000 }, () => 0),
  () => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key ${i}`, i])),
];

interface Slot {
  holder: Record<string, unknown>;
  key: string;
}

/** Every place of a JSON value where another value may be put. */
function slotsOf(value: unknown, found: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null || found.length > 3000) return found;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    slotsOf(holder[key], found);
  }
  return found;
}

/** One to three values of a JSON document replaced, removed, renamed or exchanged; the text of the result. */
export function damageJson(json: unknown, random: Random): string {
  const root = { root: structuredClone(json) as unknown };
  const changes = 1 + random.below(3);
  for (let k = 0; k < changes; k++) {
    const slots = slotsOf(root);
    const { holder, key } = slots[random.below(slots.length)];
    switch (random.below(6)) {
      case 0:
        if (holder !== root) delete holder[key];
        break;
      case 1: {
        const other = slots[random.below(slots.length)];
        holder[key] = structuredClone(other.holder[other.key]);
        break;
      }
      case 2:
        Object.defineProperty(holder, `${key}${random.below(2) ? '\u0000' : '__proto__'}`, {
          value: holder[key],
          enumerable: true,
          configurable: true,
          writable: true,
        });
        break;
      case 3: {
        const value = holder[key];
        if (typeof value === 'number') holder[key] = [-value, value + 1, value * 1e6, value / 3][random.below(4)];
        break;
      }
      default:
        holder[key] = HOSTILE[random.below(HOSTILE.length)]();
    }
  }
  try {
    return JSON.stringify(root.root) ?? 'undefined';
  } catch {
    // Deeper than JSON.stringify goes: a text that is deeper still.
    return `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  }
}
