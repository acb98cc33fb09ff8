/** Canvases sized in device pixels and redrawn when their size or the colour scheme changes. */
import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';

export interface Surface {
  context: CanvasRenderingContext2D;
  /** Size in device pixels. */
  width: number;
  height: number;
  scale: number;
  /** Value of a CSS variable at the canvas. */
  colour(name: string): string;
}

/** Calls `draw` again whenever it is another function. */
export function useCanvas(draw: (surface: Surface) => void): RefObject<HTMLCanvasElement | null> {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const redraw = () => {
      const scale = window.devicePixelRatio || 1;
      const { clientWidth, clientHeight } = canvas;
      const [width, height] = [clientWidth, clientHeight].map((size) => Math.max(1, Math.round(size * scale)));
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const style = getComputedStyle(canvas);
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, width, height);
      draw({ context, width, height, scale, colour: (name) => style.getPropertyValue(name).trim() });
    };
    redraw();
    const sizes = new ResizeObserver(redraw);
    sizes.observe(canvas);
    const scheme = new MutationObserver(redraw);
    scheme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      sizes.disconnect();
      scheme.disconnect();
    };
  }, [draw]);
  return ref;
}

/** #rgb or #rrggbb to numbers. */
export function rgbOf(hex: string): [number, number, number] {
  const digits = hex.replace('#', '');
  const full = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16) || 0) as [number, number, number];
}
