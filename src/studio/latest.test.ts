/** Repeated reads with answers out of order. */
import { describe, expect, it } from 'vitest';
import { latest } from './latest.ts';

describe('repeated reads', () => {
  it('drop a late answer to an earlier read', async () => {
    const answers: ((value: string) => void)[] = [];
    const taken: string[] = [];
    const read = latest(
      () => new Promise<string>((answer) => answers.push(answer)),
      (value) => taken.push(value),
    );
    const [first, second] = [read(), read()];
    answers[1]('new');
    await second;
    answers[0]('old');
    await first;
    expect(taken).toEqual(['new']);
  });

  it('accept answers in order', async () => {
    const taken: number[] = [];
    let n = 0;
    const read = latest(
      () => Promise.resolve(++n),
      (value) => taken.push(value),
    );
    await read();
    await read();
    expect(taken).toEqual([1, 2]);
  });
});
