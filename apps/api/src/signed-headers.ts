import type { IncomingHttpHeaders } from 'node:http';

/** What comes beside a signed header and is no less a credential: the user's token at the provider. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  'x-amzn-oidc-data': ['x-amzn-oidc-accesstoken', 'x-amzn-oidc-identity'],
};

/** Takes the headers by which a proxy says who somebody is from a request: nobody else sees them. Absent: there is none. */
export function takeSignedHeaders(
  headers: IncomingHttpHeaders,
  names: readonly string[],
): Readonly<Record<string, string>> | undefined {
  let taken: Record<string, string> | undefined;
  for (const name of names) {
    for (const other of BESIDE[name] ?? []) delete headers[other];
    const value = headers[name];
    if (value === undefined) continue;
    delete headers[name];
    // Several of them are joined by a comma and a space, and so no token.
    taken = { ...taken, [name]: String(value) };
  }
  return taken;
}
