/**
 * A criticality order as a row of chips, most critical first: drag a chip, or focus it and press ← or →. A dragged chip changes
 * places when its middle passes that of another one, and `onChange` is called at once.
 */
import { Text, VisuallyHidden } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { stageColour } from '../parts/StageColours.tsx';
import { moved } from './order.ts';
import classes from './OrderList.module.css';

interface Props {
  /** Stages, 1-based, most critical first. */
  order: readonly number[];
  onChange: (order: number[]) => void;
  /** Accessible name of the list. */
  label: string;
}

export function OrderList({ order, onChange, label }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<number | null>(null);

  const move = (from: number, to: number) => {
    const next = moved(order, from, to);
    if (next.some((stage, i) => stage !== order[i])) onChange(next);
  };

  const onKeyDown = (event: KeyboardEvent, at: number) => {
    const to = {
      ArrowLeft: at - 1,
      ArrowUp: at - 1,
      ArrowRight: at + 1,
      ArrowDown: at + 1,
      Home: 0,
      End: order.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    move(at, Math.max(0, Math.min(order.length - 1, to)));
  };

  const follow = useEffectEvent((x: number) => {
    if (dragged === null || !list.current) return;
    const from = order.indexOf(dragged);
    const boxes = [...list.current.querySelectorAll<HTMLElement>('[data-stage]')].map((chip) =>
      chip.getBoundingClientRect(),
    );
    const before = boxes.findLastIndex((box, i) => i > from && x > box.left + box.width / 2);
    const after = boxes.findIndex((box, i) => i < from && x < box.left + box.width / 2);
    if (before !== -1) move(from, before);
    else if (after !== -1) move(from, after);
  });

  // Listens on the window: a chip that moves in the list would lose pointer capture.
  useEffect(() => {
    if (dragged === null) return;
    const onMove = (event: PointerEvent) => follow(event.clientX);
    const onEnd = () => setDragged(null);
    window.addEventListener('pointermove', onMove);
    window.addEventListener('pointerup', onEnd);
    window.addEventListener('pointercancel', onEnd);
    return () => {
      window.removeEventListener('pointermove', onMove);
      window.removeEventListener('pointerup', onEnd);
      window.removeEventListener('pointercancel', onEnd);
    };
  }, [dragged]);

  return (
    <>
      <ol ref={list} className={classes.list} aria-label={label}>
        {order.map((stage, at) => (
          <li key={stage} className={classes.item}>
            <button
              type="button"
              data-stage={stage}
              data-dragged={dragged === stage || undefined}
              className={classes.chip}
              aria-label={`S${stage}: stage ${stage}, place ${at + 1} of ${order.length}. Arrow keys move it.`}
              onKeyDown={(event) => onKeyDown(event, at)}
              onPointerDown={() => setDragged(stage)}
            >
              <span className={classes.swatch} style={{ background: stageColour(stage) }} />S{stage}
            </button>
            {at < order.length - 1 && (
              <Text span c="dimmed" size="sm" aria-hidden>
                &gt;
              </Text>
            )}
          </li>
        ))}
      </ol>
      <VisuallyHidden aria-live="polite">{order.map((stage) => `stage ${stage}`).join(', then ')}</VisuallyHidden>
    </>
  );
}
