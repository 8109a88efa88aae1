/** A pattern of names, taken apart once. */
export interface Glob {
  /** It fits every name. */
  readonly isAll: boolean;
  fits(text: string): boolean;
}

/** A literal character, or what a wildcard stands for: `?` one, `*` any but `/` and `__`, `**` any. */
type Token = { readonly literal: string } | 'one' | 'some' | 'any';

/** @param plain what is done to the parts between the wildcards first */
export function compileGlob(text: string, plain: (part: string, isFirst: boolean) => string = (part) => part): Glob {
  const tokens = text.split(/(\*+|\?)/).flatMap((part, index): Token[] => {
    if (part === '?') return ['one'];
    if (part.startsWith('*')) return [part === '*' ? 'some' : 'any'];
    return Array.from(plain(part, index === 0), (literal) => ({ literal }));
  });
  if (tokens.every((token) => typeof token === 'object')) {
    const whole = tokens.map(({ literal }) => literal).join('');
    return { isAll: false, fits: (given) => given === whole };
  }
  const isAll = tokens.every((token) => token === 'any');
  return { isAll, fits: isAll ? () => true : (given) => fitsTokens(tokens, given) };
}

/**
 * Walks through the text once, with all the places of the pattern at which it may stand: the time grows with the length
 * of the text and of the pattern alone, whatever stands in them. A place is twice the index of a token, and one more where
 * a `*` has just taken a `_`, so that it does not take another.
 */
function fitsTokens(tokens: readonly Token[], text: string): boolean {
  let places = new Set<number>();
  enter(tokens, places, 0);
  for (const character of text) {
    const next = new Set<number>();
    for (const place of places) advance(tokens, next, place, character);
    if (next.size === 0) return false;
    places = next;
  }
  return places.has(tokens.length * 2);
}

/** What stands for nothing can be left out. */
function enter(tokens: readonly Token[], places: Set<number>, index: number): void {
  for (let at = index; ; at++) {
    places.add(at * 2);
    const token = tokens[at];
    if (token !== 'some' && token !== 'any') return;
  }
}

function advance(tokens: readonly Token[], next: Set<number>, place: number, character: string): void {
  const index = place >> 1;
  const token = tokens[index];
  if (token === undefined) return;
  if (token === 'any') enter(tokens, next, index);
  else if (token === 'some') {
    if (character === '/' || (character === '_' && (place & 1) === 1)) return;
    if (character === '_') next.add(place | 1);
    else next.add(index * 2);
    enter(tokens, next, index + 1);
  } else if (token === 'one' || token.literal === character) enter(tokens, next, index + 1);
}
