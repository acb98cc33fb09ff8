/** Published results, read once from the CSV file beside the page. */
import { useEffect, useState } from 'react';
import { parsePublished } from '../../domain/published.ts';
import type { PublishedPoint } from '../../domain/published.ts';

let reading: Promise<PublishedPoint[]> | null = null;

async function readPublished(): Promise<PublishedPoint[]> {
  const answer = await fetch(`${import.meta.env.BASE_URL}published-pareto.csv`);
  if (!answer.ok) throw new Error(`Published results could not be read: the server returned status ${answer.status}.`);
  return parsePublished(await answer.text());
}

export function usePublished(): { points: PublishedPoint[]; problem: string | null } {
  const [state, setState] = useState<{ points: PublishedPoint[]; problem: string | null }>({
    points: [],
    problem: null,
  });
  useEffect(() => {
    let current = true;
    reading ??= readPublished();
    reading.then(
      (points) => current && setState({ points, problem: null }),
      (error: unknown) => {
        reading = null;
        if (current) setState({ points: [], problem: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => {
      current = false;
    };
  }, []);
  return state;
}
