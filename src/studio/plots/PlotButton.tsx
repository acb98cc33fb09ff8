/** A part of a plot that can be chosen, by pointer or keyboard, and says what it is. Drawn inside an SVG. */
import type { ReactNode } from 'react';

export interface PlotButtonProps {
  label: string;
  /** For parts of which one is chosen. */
  pressed?: boolean;
  className?: string;
  transform?: string;
  /** False: reached with the arrow keys of its neighbours, not with Tab. */
  tabStop?: boolean;
  onChoose(): void;
  /** The pointer or the focus is on it, or has left it. */
  onPoint?(here: boolean): void;
  onKey?(key: string, target: SVGGElement): void;
  children: ReactNode;
}

export function PlotButton({
  label,
  pressed,
  className,
  transform,
  tabStop = true,
  onChoose,
  onPoint,
  onKey,
  children,
}: PlotButtonProps) {
  return (
    <g
      role="button"
      tabIndex={tabStop ? 0 : -1}
      aria-pressed={pressed}
      aria-label={label}
      className={className}
      transform={transform}
      onClick={onChoose}
      onKeyDown={(event) => {
        onKey?.(event.key, event.currentTarget);
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        event.stopPropagation();
        onChoose();
      }}
      onPointerEnter={() => onPoint?.(true)}
      onPointerLeave={() => onPoint?.(false)}
      onFocus={() => onPoint?.(true)}
      onBlur={() => onPoint?.(false)}
    >
      {children}
    </g>
  );
}
