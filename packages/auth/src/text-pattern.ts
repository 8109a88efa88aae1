/**
 * Whether the whole text fits: `*` stands for any characters, `?` for one. In time proportional to both lengths: after a
 * mismatch only the last `*` takes one character more.
 */
export function fitsPattern(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    const expected = pattern[next];
    if (expected === '*') {
      star = next;
      next += 1;
      resume = at;
    } else if (expected === '?' || expected === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      next = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(next));
}
