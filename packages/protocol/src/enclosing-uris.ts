/** What ends a name inside a URI, so that what comes before it may be a resource of its own. */
const BORDER = /[/?#]/g;

/** A URI with more borders than this is looked for by its first ones only. */
const MAX_BORDERS = 64;

/**
 * The URI itself and those of the resources that it may be part of, `a:/b/` and `a:/b` for `a:/b/c`: a server may tell of
 * a part of what a client subscribed to. Source: MCP, schema, `notifications/resources/updated`.
 */
export function enclosingUris(uri: string): readonly string[] {
  const enclosing = new Set([uri]);
  for (const { index } of uri.matchAll(BORDER)) {
    if (index > 0) enclosing.add(uri.slice(0, index));
    enclosing.add(uri.slice(0, index + 1));
    if (enclosing.size > 2 * MAX_BORDERS) break;
  }
  return [...enclosing];
}
