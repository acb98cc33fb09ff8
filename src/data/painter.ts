/**
 * A small canvas of three colour planes in doubles, antialiased by distance: a pixel whose centre lies d inside a form is
 * covered by clamp(d + ½, 0, 1).
 */
import { FIRST_TEXTURE, inside, patch } from './forms.ts';
import type { Form } from './forms.ts';

/** Red, green, blue, nominally 0 … 255; may run over until it is quantised. */
export type Colour = readonly [number, number, number];

/** Where and how a form or stroke lies: centre in pixels, unit vector of its own first axis. */
export interface Pose {
  x: number;
  y: number;
  axisX: number;
  axisY: number;
}

export class Painter {
  /** Planes red, green, blue; rows from the top. */
  readonly planes: Float64Array;

  constructor(readonly size: number) {
    this.planes = new Float64Array(3 * size * size);
  }

  /** Four corner colours (top left, top right, bottom left, bottom right), blended bilinearly. */
  background(corners: readonly Colour[]): void {
    const { size, planes } = this;
    const [topLeft, topRight, bottomLeft, bottomRight] = corners;
    for (let c = 0, i = 0; c < 3; c++) {
      for (let y = 0; y < size; y++) {
        const t = y / (size - 1);
        const left = topLeft[c] + (bottomLeft[c] - topLeft[c]) * t;
        const step = (topRight[c] + (bottomRight[c] - topRight[c]) * t - left) / (size - 1);
        for (let x = 0; x < size; x++) planes[i++] = left + step * x;
      }
    }
  }

  private blend(i: number, coverage: number, [red, green, blue]: Colour): void {
    const { planes } = this;
    const area = this.size * this.size;
    planes[i] += (red - planes[i]) * coverage;
    planes[i + area] += (green - planes[i + area]) * coverage;
    planes[i + 2 * area] += (blue - planes[i + 2 * area]) * coverage;
  }

  /** Calls `paint` with the index of every pixel within `reach` of a pose and its place along the pose's axes. */
  private around(pose: Pose, reach: number, paint: (i: number, u: number, v: number) => void): void {
    const { size } = this;
    const left = Math.max(0, Math.floor(pose.x - reach));
    const right = Math.min(size - 1, Math.ceil(pose.x + reach));
    const bottom = Math.min(size - 1, Math.ceil(pose.y + reach));
    for (let y = Math.max(0, Math.floor(pose.y - reach)); y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const dx = x - pose.x;
        const dy = y - pose.y;
        paint(y * size + x, dx * pose.axisX + dy * pose.axisY, dy * pose.axisX - dx * pose.axisY);
      }
    }
  }

  /** A stroke with round ends, `half` its length each way and `width` its half width; a blob where `half` is 0. */
  stroke(pose: Pose, half: number, width: number, colour: Colour, opacity: number): void {
    this.around(pose, half + width + 1, (i, u, v) => {
      const beyond = u - Math.max(-half, Math.min(half, u));
      const covered = width - Math.sqrt(beyond * beyond + v * v) + 0.5;
      if (covered > 0) this.blend(i, opacity * Math.min(covered, 1), colour);
    });
  }

  /** A form; a texture lies on a patch of `ground`, or on what is there where that is null. */
  form(form: Form, pose: Pose, colour: Colour, ground: Colour | null): void {
    // The corners of a square and the points of a triangle reach beyond the radius.
    this.around(pose, form.radius * 1.3 + 1, (i, u, v) => {
      if (ground !== null && form.kind >= FIRST_TEXTURE) {
        const covered = patch(form, u, v) + 0.5;
        if (covered > 0) this.blend(i, Math.min(covered, 1), ground);
      }
      const covered = inside(form, u, v) + 0.5;
      if (covered > 0) this.blend(i, Math.min(covered, 1), colour);
    });
  }
}
