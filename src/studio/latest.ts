/**
 * Something that is read again and again, where answers may overtake one another: what was asked for earlier never takes the place
 * of what was asked for later.
 */
export function latest<T>(read: () => Promise<T>, take: (value: T) => void): () => Promise<void> {
  let asked = 0;
  let taken = 0;
  return async () => {
    const own = ++asked;
    const value = await read();
    if (own < taken) return;
    taken = own;
    take(value);
  };
}
