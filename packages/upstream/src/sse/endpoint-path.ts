/** The bytes of an address that nobody needs to read. */
const LONGEST = 8 * 1024;

/**
 * Path and query of the address that an `endpoint` event names; undefined when it is of another origin: credentials go
 * to the configured server and nowhere else.
 */
export function endpointPath(data: Uint8Array, stream: URL): string | undefined {
  if (data.length === 0 || data.length > LONGEST) return undefined;
  const text = Buffer.from(data).toString('utf8');
  if (!URL.canParse(text, stream.href)) return undefined;
  const { origin, username, password, pathname, search } = new URL(text, stream);
  return origin === stream.origin && username === '' && password === '' ? pathname + search : undefined;
}
