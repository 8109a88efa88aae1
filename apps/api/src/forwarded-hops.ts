/** One pair of a hop, and what ends it (RFC 7239, section 4): `for=192.0.2.1`, `for="[2001:db8::1]:4711"`. */
const PAIR =
  /[ \t]*(?:([!#$%&'*+.^_`|~0-9a-z-]+)=(?:([!#$%&'*+.^_`|~0-9a-z:[\]-]+)|"((?:[^"\\]|\\.)*)")[ \t]*)?([;,]|$)/giy;

/**
 * Whom each hop of a `Forwarded` header was `for`, from the client on; an empty text for a hop that does not say. Undefined
 * where there is no header. What cannot be read is one such hop, so that nothing left of it is believed.
 */
export function forwardedHops(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return undefined;
  const hops: string[] = [];
  let named = '';
  let end = 0;
  for (const [pair, name, token, quoted, mark] of header.matchAll(PAIR)) {
    end += pair.length;
    if (name?.toLowerCase() === 'for') named = token ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? '';
    if (mark === ';') continue;
    hops.push(named);
    named = '';
    if (mark === '') return hops;
  }
  return end === header.length ? hops : [...hops, ''];
}
