/** Labels beside points without covering each other: each takes the first place that is free, or stays away. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LabelWish {
  key: string;
  text: string;
  /** The point it belongs to. */
  x: number;
  y: number;
  /** Pixels from the point's middle to the label; more for larger markers. */
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

/** Width of a character and height of a line at 11 to 12 px, a little generous. */
const CHARACTER = 6.4;
const LINE = 14;
const GAP = 10;

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** In the order given: earlier labels choose first. `taken`: what must not be covered; `area`: where labels may stand. */
export function placeLabels(wishes: readonly LabelWish[], area: Box, taken: readonly Box[] = []): PlacedLabel[] {
  const occupied = [...taken];
  return wishes.flatMap((wish) => {
    const width = wish.text.length * CHARACTER;
    const gap = wish.gap ?? GAP;
    const options: Omit<PlacedLabel, 'key' | 'text'>[] = [
      { x: wish.x + gap, y: wish.y, anchor: 'start' },
      { x: wish.x + gap, y: wish.y + LINE, anchor: 'start' },
      { x: wish.x + gap, y: wish.y - LINE, anchor: 'start' },
      { x: wish.x, y: wish.y - LINE, anchor: 'middle' },
      { x: wish.x, y: wish.y + LINE, anchor: 'middle' },
      { x: wish.x - gap, y: wish.y - LINE, anchor: 'end' },
      { x: wish.x - gap, y: wish.y + LINE, anchor: 'end' },
      { x: wish.x - gap, y: wish.y, anchor: 'end' },
    ];
    for (const option of wish.left ? options.toReversed() : options) {
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
      return [{ key: wish.key, text: wish.text, ...option }];
    }
    return [];
  });
}
