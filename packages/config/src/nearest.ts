/** The candidate a person most likely meant: at most two slips away (one in a short word), else one that begins alike. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase().slice(0, MAX_LENGTH);
  const slips = wanted.length <= 3 ? 1 : 2;
  let best: string | undefined;
  let least = slips + 1;
  let alike: string | undefined;
  for (const candidate of candidates) {
    const known = candidate.toLowerCase();
    const distance = slipsBetween(wanted, known);
    if (distance < least) [best, least] = [candidate, distance];
    if (alike === undefined && beginsAlike(wanted, known)) alike = candidate;
  }
  return best ?? alike;
}

/** Longer words are not slips of our keys, and the table below grows with the product of both lengths. */
const MAX_LENGTH = 64;

function beginsAlike(one: string, other: string): boolean {
  return one.length >= 3 && other.length >= 3 && (one.startsWith(other) || other.startsWith(one));
}

/** Damerau-Levenshtein distance in its optimal string alignment form: insert, delete, replace, swap two neighbours. */
function slipsBetween(one: string, other: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = at(previous, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      let slips = Math.min(replaced, at(previous, column) + 1, at(current, column - 1) + 1);
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (swapped && row > 1 && column > 1) slips = Math.min(slips, at(beforePrevious, column - 2) + 1);
      current.push(slips);
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
