/** A URI template (RFC 6570) taken apart once, for many comparisons. */
export interface UriTemplate {
  /** The parts between its variables; one alone when it has none. */
  readonly literals: readonly string[];
}

export function parseTemplate(template: string): UriTemplate {
  return { literals: template.split(/\{[^{}]*\}/) };
}

/**
 * Whether a URI can come from a template: every literal part stands in it in order. What the variables may hold is left
 * to the server that owns the template. Linear in the length of both: one comes from a server, the other from a client,
 * and neither may keep the host busy.
 */
export function matchesTemplate({ literals }: UriTemplate, uri: string): boolean {
  const first = literals[0] as string;
  if (literals.length === 1) return first === uri;
  const last = literals.at(-1) as string;
  if (!uri.startsWith(first) || !uri.endsWith(last) || uri.length < first.length + last.length) return false;
  const end = uri.length - last.length;
  let at = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = find(uri, literal, at);
    if (found === -1 || found + literal.length > end) return false;
    at = found + literal.length;
  }
  return true;
}

/** Whether one URI might come from both. Errs towards yes: only beginnings and ends are compared. */
export function mayOverlap(one: UriTemplate, other: UriTemplate): boolean {
  const [start = '', otherStart = ''] = [one.literals[0], other.literals[0]];
  const [end = '', otherEnd = ''] = [one.literals.at(-1), other.literals.at(-1)];
  return (
    (start.startsWith(otherStart) || otherStart.startsWith(start)) && (end.endsWith(otherEnd) || otherEnd.endsWith(end))
  );
}

/** Knuth, Morris and Pratt's search: the engine's own takes seconds for a long literal of repeated letters. */
function find(text: string, literal: string, from: number): number {
  if (literal === '') return from;
  const borders = bordersOf(literal);
  let matched = 0;
  for (let at = from; at < text.length; at++) {
    while (matched > 0 && text[at] !== literal[matched]) matched = borders[matched - 1] as number;
    if (text[at] === literal[matched]) matched++;
    if (matched === literal.length) return at - matched + 1;
  }
  return -1;
}

/** For each prefix, how long the longest start of it is that is its end as well. */
function bordersOf(literal: string): Uint32Array {
  const borders = new Uint32Array(literal.length);
  let length = 0;
  for (let at = 1; at < literal.length; at++) {
    while (length > 0 && literal[at] !== literal[length]) length = borders[length - 1] as number;
    if (literal[at] === literal[length]) length++;
    borders[at] = length;
  }
  return borders;
}
