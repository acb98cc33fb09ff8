/**
 * Trains a few small networks in the page without lowering its frame rate: each frame trains and draws for at most 8 ms. With
 * reduced motion, only the result is drawn.
 */
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import type { OneGate } from '../../domain/xor.ts';

const FRAME_MS = 7.5;
/** Training steps per frame and network: 1,200 steps take about two seconds. */
const STEPS_PER_FRAME = 10;

export interface TrainingLoop {
  /** Steps done; all networks train in step. */
  step: number;
  done: boolean;
  /** Increases whenever a network was drawn. */
  drawn: number;
}

/**
 * Another array of `nets` restarts the training. `draw` gets the index of a network; it must be the same function at every render.
 */
export function useTraining(nets: readonly OneGate[], playing: boolean, draw: (index: number) => void): TrainingLoop {
  const still = useReducedMotion();
  const [state, setState] = useState<TrainingLoop>({ step: 0, done: false, drawn: 0 });
  const next = useRef(0);

  useEffect(() => {
    let frame = 0;
    const tick = () => {
      const began = performance.now();
      const within = () => performance.now() - began < FRAME_MS;
      let trained = false;
      for (let i = 0; i < STEPS_PER_FRAME && within(); i++)
        for (const net of nets)
          if (!net.done) {
            net.train();
            trained = true;
          }
      const done = nets.every((net) => net.done);
      // The networks are drawn in turn, at least one per frame.
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
