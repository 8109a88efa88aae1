/** Runs pieces of work one after the other, in the order in which they were handed in. */
export type Serial = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    // The next one begins whatever became of this one; who handed it in hears of it.
    last = next.catch(() => undefined);
    return next;
  };
}
