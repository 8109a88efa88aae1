/** A pattern of `allow` and `deny`, taken apart. */
export interface ViewPattern {
  /** Absent: every kind. */
  readonly kind: string | undefined;
  readonly server: string;
  readonly name: string;
}

/** A text that has the form of a pattern: the schema saw to it. */
export function parseViewPattern(text: string): ViewPattern {
  const slash = text.indexOf('/');
  const head = text.slice(0, slash);
  const colon = head.indexOf(':');
  return {
    kind: colon === -1 ? undefined : head.slice(0, colon),
    server: head.slice(colon + 1),
    name: text.slice(slash + 1),
  };
}

export function hasWildcard(server: string): boolean {
  return /[*?]/.test(server);
}

/** Whether a server's part of a pattern fits its name, in which no `*` has to stop: it has neither `/` nor `__`. */
export function fitsServer(pattern: string, name: string): boolean {
  // Whether the pattern so far fits the first 0, 1, 2 … characters of the name.
  let fits = [true, ...Array.from(name, () => false)];
  for (const character of pattern) {
    if (character === '*') {
      const first = fits.indexOf(true);
      fits = fits.map((_, length) => first !== -1 && length >= first);
    } else {
      const before = fits;
      fits = fits.map((_, length) => {
        return length > 0 && before[length - 1] === true && (character === '?' || character === name[length - 1]);
      });
    }
  }
  return fits.at(-1) === true;
}
