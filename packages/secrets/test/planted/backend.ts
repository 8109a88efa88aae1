/** A word of the backend's in every reply that is no value. */
export const REPLY_TEXT = 'reply-3f9a-of-the-backend';
export const VALUE = 'planted-value-61d0';

const replies: Readonly<Record<string, readonly [number, string]>> = {
  '/token': [200, VALUE],
  '/private': [403, REPLY_TEXT],
  '/broken': [500, REPLY_TEXT],
};

/** Answers later, obeys the signal, and never answers for `/hanging`. */
export const backend: typeof fetch = async (input, init) => {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  init?.signal?.throwIfAborted();
  init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
  const { pathname } = new URL(input as string);
  const [status, body] = replies[pathname] ?? [404, REPLY_TEXT];
  if (pathname !== '/hanging') setImmediate(() => resolve(new Response(body, { status })));
  return promise;
};
