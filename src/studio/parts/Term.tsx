/**
 * A term of the glossary: dotted underline, and its definition as a tooltip on hover, touch or keyboard focus. Use it where a term
 * first appears on a screen.
 */
import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { GLOSSARY } from '../glossary.ts';
import type { GlossaryKey } from '../glossary.ts';
import classes from './Term.module.css';

/** A term followed by more text, for hints that are built outside of JSX: `define('lambda', 'λ', ' at the start')`. */
export const define = (of: GlossaryKey, term: string, rest: string): ReactNode => (
  <>
    <Term of={of}>{term}</Term>
    {rest}
  </>
);

/** `children`: the words shown, by default the term itself. */
export function Term({ of, children }: { of: GlossaryKey; children?: ReactNode }) {
  const { term, definition } = GLOSSARY[of];
  return (
    <Tooltip label={definition}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- the tooltip must be reachable by keyboard */}
      <span className={classes.term} tabIndex={0} role="term">
        {children ?? term}
      </span>
    </Tooltip>
  );
}
