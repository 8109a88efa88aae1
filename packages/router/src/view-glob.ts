/** A pattern of names, taken apart once. */
export interface Glob {
  /** It fits every name. */
  readonly isAll: boolean;
  fits(text: string): boolean;
}

/**
 * A literal character, or what a wildcard stands for: `?` one, `*` any but `/` and `__`, also where it makes
 * one with what stands beside it; `**` any.
 */
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
 * a `*` stands for what came last, or for nothing after it: there no `__` may come about.
 */
function fitsTokens(tokens: readonly Token[], text: string): boolean {
  let places = new Set<number>();
  enter(tokens, places, 0);
  let before = '';
  for (const character of text) {
    const next = new Set<number>();
    const isDouble = character === '_' && before === '_';
    for (const place of places)
      if (!isDouble || (place & 1) === 0) advance(tokens, next, { place, character, isDouble });
    if (next.size === 0) return false;
    places = next;
    before = character;
  }
  return places.has(tokens.length * 2) || places.has(tokens.length * 2 + 1);
}

/** What stands for nothing can be left out. */
function enter(tokens: readonly Token[], places: Set<number>, first: number): void {
  for (let place = first; ; place += 2) {
    places.add(place);
    const token = tokens[place >> 1];
    if (token !== 'some' && token !== 'any') return;
    if (token === 'some') place |= 1;
  }
}

interface Step {
  readonly place: number;
  readonly character: string;
  /** It makes a `__` with the one before. */
  readonly isDouble: boolean;
}

function advance(tokens: readonly Token[], next: Set<number>, { place, character, isDouble }: Step): void {
  const index = place >> 1;
  const token = tokens[index];
  if (token === undefined) return;
  if (token === 'any') enter(tokens, next, index * 2);
  else if (token === 'some') {
    if (character !== '/' && !isDouble) enter(tokens, next, index * 2 + 1);
  } else if (token === 'one' || token.literal === character) enter(tokens, next, index * 2 + 2);
}
