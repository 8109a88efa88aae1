/**
 * Whether a URI can come from a URI template (RFC 6570): every literal part stands in it in order. What the variables may
 * hold is left to the server that owns the template. Linear in the length of the URI.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  const literals = template.split(/\{[^{}]*\}/);
  const first = literals[0] as string;
  if (literals.length === 1) return template === uri;
  const last = literals.at(-1) as string;
  if (!uri.startsWith(first) || !uri.endsWith(last) || uri.length < first.length + last.length) return false;
  const end = uri.length - last.length;
  let at = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = uri.indexOf(literal, at);
    if (found === -1 || found + literal.length > end) return false;
    at = found + literal.length;
  }
  return true;
}
