/**
 * A part of a plot that can be chosen by pointer or keyboard. Drawn inside an SVG, in a group with the attribute `data-roving`: the
 * arrow keys move the focus within that group (rovingFocus.ts).
 */
import type { ReactNode } from 'react';
import { moveFocus } from './rovingFocus.ts';

export interface PlotButtonProps {
  label: string;
  /** For parts of which one is chosen. */
  pressed?: boolean;
  className?: string;
  transform?: string;
  /** The one part of the group that Tab reaches. */
  tabStop: boolean;
  onChoose(): void;
  /** The pointer or the focus is on the part, or has left it. */
  onPoint?(here: boolean): void;
  children: ReactNode;
}

export function PlotButton({
  label,
  pressed,
  className,
  transform,
  tabStop,
  onChoose,
  onPoint,
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
        const chosen = event.key === 'Enter' || event.key === ' ';
        if (!chosen && !moveFocus(event.key, event.currentTarget)) return;
        event.preventDefault();
        event.stopPropagation();
        if (chosen) onChoose();
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
