/** Letters of other scripts that look like these of ASCII in most fonts. Source: Unicode TR39, confusables.txt: a selection. */
const LOOKS_LIKE: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    a: 'аα',
    b: 'ьƅ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еҽ',
    g: 'ɡԍ',
    h: 'һ',
    i: 'іιı',
    j: 'јϳ',
    k: 'кκ',
    l: 'ӏⅼ',
    m: 'м',
    n: 'ո',
    o: 'оοօ',
    p: 'рρ',
    q: 'ԛ',
    r: 'г',
    s: 'ѕ',
    t: 'тτ',
    u: 'υս',
    v: 'νѵ',
    w: 'ԝω',
    x: 'хχ',
    y: 'уγү',
    z: 'ᴢ',
    '-': '‐‑‒–—−',
    _: '＿',
  }).flatMap(([letter, twins]) => Array.from(twins, (twin) => [twin, letter] as const)),
);

/** What a name looks like: names that look the same are the same text here. Source: Unicode TR39, section 4 (skeleton). */
export function appearance(name: string): string {
  if (ASCII.test(name)) return name.toLowerCase();
  const folded = name.normalize('NFKC').toLowerCase();
  return Array.from(folded, (letter) => LOOKS_LIKE[letter] ?? letter).join('');
}

/** Whether it looks like a name of ASCII without being one: then it is taken for another. */
export function posesAsAscii(name: string): boolean {
  return !ASCII.test(name) && ASCII.test(appearance(name));
}

const ASCII = /^[\x20-\x7e]*$/;
