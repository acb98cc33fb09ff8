/** Places labels beside points without overlaps: each label gets the first free place, or is left out. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LabelRequest {
  key: string;
  text: string;
  /** The point it belongs to. */
  x: number;
  y: number;
  /** Distance from the point to the label in pixels; more for larger markers. */
  gap?: number;
  /** Left of its point rather than right of it. */
  left?: boolean;
}

export interface PlacedLabel {
  key: string;
  text: string;
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

/** Width of a character and height of a line at 11 to 12 px, with a margin. */
const CHARACTER = 6.4;
const LINE = 14;
const GAP = 10;

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Earlier labels are placed first. `taken`: boxes that must not be covered; `area`: where labels may be. */
export function placeLabels(requests: readonly LabelRequest[], area: Box, taken: readonly Box[] = []): PlacedLabel[] {
  const occupied = [...taken];
  return requests.flatMap((request) => {
    const width = request.text.length * CHARACTER;
    const gap = request.gap ?? GAP;
    const options: Omit<PlacedLabel, 'key' | 'text'>[] = [
      { x: request.x + gap, y: request.y, anchor: 'start' },
      { x: request.x + gap, y: request.y + LINE, anchor: 'start' },
      { x: request.x + gap, y: request.y - LINE, anchor: 'start' },
      { x: request.x, y: request.y - LINE, anchor: 'middle' },
      { x: request.x, y: request.y + LINE, anchor: 'middle' },
      { x: request.x - gap, y: request.y - LINE, anchor: 'end' },
      { x: request.x - gap, y: request.y + LINE, anchor: 'end' },
      { x: request.x - gap, y: request.y, anchor: 'end' },
    ];
    for (const option of request.left ? options.toReversed() : options) {
      const left =
        option.anchor === 'start' ? option.x : option.anchor === 'end' ? option.x - width : option.x - width / 2;
      const box = { x: left, y: option.y - LINE / 2, width, height: LINE };
      const inside =
        box.x >= area.x &&
        box.x + width <= area.x + area.width &&
        box.y >= area.y &&
        box.y + LINE <= area.y + area.height;
      if (!inside || occupied.some((other) => overlap(box, other))) continue;
      occupied.push(box);
      return [{ key: request.key, text: request.text, ...option }];
    }
    return [];
  });
}
