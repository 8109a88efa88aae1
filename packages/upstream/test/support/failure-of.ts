/** What a promise rejects with. Taken at once, so that a rejection which comes before the test looks is not unhandled. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
}
