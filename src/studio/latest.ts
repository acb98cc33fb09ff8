/** Repeated reads whose answers may arrive out of order: the answer to an earlier read never replaces that to a later one. */
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
