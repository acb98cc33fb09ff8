/**
 * Signed distances to the ten shapes of the built-in data set, in pixels, positive inside, accurate near the edge for antialiasing.
 *
 * (u, v) are pixels from the form's centre along its own axes; r is its radius.
 */

export interface Form {
  /** Index of its class. */
  kind: number;
  radius: number;
  /** Second axis of disc and ring over the first. */
  aspect: number;
  /** Period of a texture in pixels, and where it starts. */
  period: number;
  phaseU: number;
  phaseV: number;
  /** Half the width of ring and cross over the radius; the filled share of the period of stripes and ripples. */
  thickness: number;
  /** Outline of a patch of stripes, checks or dots: round, or a square. */
  round: boolean;
  /** Normals (x, y, x, y, …) of the lines that part the sectors of spokes. */
  lines: readonly number[];
}

const H = Math.sqrt(3) / 2;
const D = Math.sqrt(0.5);

/** Three lines, six sectors; four lines, eight. */
export const SPOKE_LINES: readonly (readonly number[])[] = [
  [1, 0, 0.5, H, -0.5, H],
  [1, 0, D, D, 0, 1, -D, D],
];

/** Half the side of a square that looks as large as a disc of radius 1. */
const SQUARE = 0.87;

/** The first form that is a texture in a patch; those after it carry a ground of their own. */
export const FIRST_TEXTURE = 5;

const disc = (r: number, u: number, v: number): number => r - Math.sqrt(u * u + v * v);
const square = (r: number, u: number, v: number): number => SQUARE * r - Math.max(Math.abs(u), Math.abs(v));

/** Stripes along one axis: `fill` of each period is filled. */
function band(x: number, period: number, fill: number): number {
  const t = x / period;
  return fill * period * 0.5 - Math.abs((t - Math.floor(t) - 0.5) * period);
}

/** The patch in which a texture is drawn. */
export function patch({ kind, radius, round }: Form, u: number, v: number): number {
  // Ripples and spokes are round by nature.
  return round || kind >= 8 ? disc(radius, u, v) : square(radius, u, v);
}

function texture(form: Form, u: number, v: number): number {
  const { period, phaseU, phaseV, thickness } = form;
  switch (form.kind) {
    case 5: // stripes
      return band(u + phaseU, period, thickness);
    case 6: {
      // checks: filled where the bands of both axes agree
      const p = band(u + phaseU, period, 0.5);
      const q = band(v + phaseV, period, 0.5);
      const nearest = Math.min(Math.abs(p), Math.abs(q));
      return p > 0 === q > 0 ? nearest : -nearest;
    }
    case 7: {
      // dots in a square lattice
      const a = (u + phaseU) / period;
      const b = (v + phaseV) / period;
      return disc(0.32 * period, (a - Math.floor(a) - 0.5) * period, (b - Math.floor(b) - 0.5) * period);
    }
    case 8: // ripples
      return band(Math.sqrt(u * u + v * v) + phaseU, period, thickness);
    default: {
      // spokes: the side of an odd number of lines
      let sign = 1;
      let nearest = Infinity;
      for (let k = 0; k < form.lines.length; k += 2) {
        const d = form.lines[k] * u + form.lines[k + 1] * v;
        if (d < 0) sign = -sign;
        nearest = Math.min(nearest, Math.abs(d));
      }
      return sign * nearest;
    }
  }
}

/** How far inside the form (u, v) lies. */
export function inside(form: Form, u: number, v: number): number {
  const { kind, radius: r, thickness, aspect } = form;
  switch (kind) {
    case 0: // disc
      return disc(r, u, v / aspect);
    case 1: // ring
      return thickness * r - Math.abs(disc(r * (1 - thickness), u, v / aspect));
    case 2: // square
      return square(r, u, v);
    case 3: // triangle: the innermost of three edges
      return 0.6 * r - Math.max(v, H * u - 0.5 * v, -H * u - 0.5 * v);
    case 4: {
      // cross: the union of two bars
      const w = thickness * r;
      const [a, b] = [Math.abs(u), Math.abs(v)];
      return Math.max(Math.min(r - a, w - b), Math.min(w - a, r - b));
    }
  }
  const edge = patch(form, u, v);
  return edge < -1 ? -1 : Math.min(edge, texture(form, u, v));
}
