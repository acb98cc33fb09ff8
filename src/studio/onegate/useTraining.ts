/**
 * Trains a few small networks in the page while it stays at its frame rate: each frame trains and draws for at most 8 ms. Where
 * less motion is wanted, nothing is drawn before the end.
 */
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import type { OneGate } from '../../domain/xor.ts';

const BUDGET = 7.5;
/** Training steps a frame and network: 1,200 steps in about two seconds. */
const STEPS_A_FRAME = 10;

export interface TrainingLoop {
  /** Steps done, for showing; all networks walk together. */
  step: number;
  done: boolean;
  /** Goes up whenever a network was drawn. */
  drawn: number;
}

/**
 * `nets` anew (another array) starts afresh. `draw` is called with the index of a network to draw; it must not change between
 * renders.
 */
export function useTraining(nets: readonly OneGate[], playing: boolean, draw: (index: number) => void): TrainingLoop {
  const still = useReducedMotion();
  const [state, setState] = useState<TrainingLoop>({ step: 0, done: false, drawn: 0 });
  const next = useRef(0);

  useEffect(() => {
    let frame = 0;
    const tick = () => {
      const began = performance.now();
      const within = () => performance.now() - began < BUDGET;
      let trained = false;
      for (let i = 0; i < STEPS_A_FRAME && within(); i++)
        for (const net of nets)
          if (!net.done) {
            net.train();
            trained = true;
          }
      const done = nets.every((net) => net.done);
      // Networks take turns at being drawn; at least one a frame.
      if (!still || done)
        for (let i = 0; i < nets.length && (i === 0 || done || within()); i++) {
          draw(next.current % nets.length);
          next.current++;
        }
      setState((old) => ({ step: nets[0].step, done, drawn: old.drawn + 1 }));
      if (trained && !done) frame = requestAnimationFrame(tick);
    };
    if (playing) frame = requestAnimationFrame(tick);
    else nets.forEach((_, i) => draw(i));
    return () => cancelAnimationFrame(frame);
  }, [nets, playing, draw, still]);

  return state;
}
