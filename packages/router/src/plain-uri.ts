/** Encodings within encodings that are looked through. */
const MAX_ROUNDS = 4;

/**
 * A URI as most servers come to understand it: without escapes, doubled slashes and ways up and down. What is compared
 * with patterns must not depend on how a client chose to write it.
 */
export function plainUri(uri: string): string {
  const { scheme, rest } = plainParts(uri);
  const kept: string[] = [];
  const [first = '', ...others] = rest.split('/');
  for (const part of others) {
    if (part === '..') kept.pop();
    else if (part !== '.') kept.push(part);
  }
  return scheme + [first, ...kept].join('/');
}

/** The same for a part of one, in which ways up and down stay. */
export function plainUriPart(part: string, isFirst: boolean): string {
  if (!isFirst) return plainText(part);
  const { scheme, rest } = plainParts(part);
  return scheme + rest;
}

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*:)(.*)$/s;

function plainParts(uri: string): { readonly scheme: string; readonly rest: string } {
  const [, given, behind = ''] = SCHEME.exec(uri) ?? [];
  if (given === undefined) return { scheme: '', rest: plainText(uri) };
  const scheme = given.toLowerCase();
  const text = behind.replaceAll('\\', '/');
  // Source: RFC 8089: all of `file:/x`, `file:///x` and `file://localhost/x` are one file.
  const local = scheme === 'file:' ? /^(?:\/\/(?:localhost)?(?=\/))?(?!\/\/[^/])(\/.*)$/is.exec(text)?.[1] : undefined;
  if (local !== undefined) return { scheme: 'file://', rest: plainText(local) };
  return text.startsWith('//')
    ? { scheme: `${scheme}//`, rest: plainText(text.slice(2)) }
    : { scheme, rest: plainText(text) };
}

function plainText(text: string): string {
  return unescaped(text)
    .replaceAll('\\', '/')
    .replaceAll(/\/{2,}/g, '/');
}

function unescaped(text: string): string {
  let plain = text;
  for (let round = 0; round < MAX_ROUNDS && plain.includes('%'); round++) {
    const next = plain.replaceAll(/(?:%[0-9A-Fa-f]{2})+/g, decoded);
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

function decoded(escapes: string): string {
  return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8');
}
