const SCHEME = 'hostler://';

/** A URI or template that names the server it belongs to: always accepted, and unique whatever else is connected. */
export function qualifiedUri(server: string, rawUri: string): string {
  return `${SCHEME}${server}/${rawUri}`;
}

/** The two parts of a qualified URI; undefined for any other. Server names contain no `/`, so the first one separates. */
export function splitQualifiedUri(uri: string): { readonly server: string; readonly rawUri: string } | undefined {
  if (!uri.startsWith(SCHEME)) return undefined;
  const slash = uri.indexOf('/', SCHEME.length);
  if (slash === -1) return undefined;
  return { server: uri.slice(SCHEME.length, slash), rawUri: uri.slice(slash + 1) };
}
