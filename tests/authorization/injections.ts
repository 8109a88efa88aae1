/** Beginnings of attacks on whatever reads a header: databases, shells, loggers, templates, paths, parsers. */
const PIECES = [
  "' OR 1=1--",
  "'; DROP TABLE keys;--",
  '" OR ""="',
  "' UNION SELECT hash FROM keys--",
  '{"$ne":null}',
  '{"$gt":""}',
  '[$regex]=.*',
  '${jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '<%= 7 %>',
  '#{7*7}',
  '$(id)',
  '`id`',
  '|id',
  ';id;',
  '%00',
  '%0d%0aX-Consumer: full',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '<script>alert(1)</script>',
  '<!ENTITY x SYSTEM "file:///etc/passwd">',
  '*)(uid=*',
  'admin*',
  '__proto__',
  'constructor.prototype',
  '\u00e9\u00ff',
  '\\',
  '"',
  '{}',
  '[]',
  '.',
  '..',
  'null',
  'undefined',
  'true',
  '-1',
  'NaN',
  '%s%n%x',
  'Bearer',
  'hk_',
] as const;

/** So many texts, each another one, that could stand in a header. */
export function injections(count: number): readonly string[] {
  const texts = new Set<string>();
  for (let index = 0; texts.size < count; index += 1) {
    const parts = [index, index * 7 + 3, index * 11 + (index >> 5)].map((place) => PIECES[place % PIECES.length]);
    texts.add(parts.slice(0, 1 + (index % 3)).join(['', ' ', '_', ','][(index >> 2) % 4]));
  }
  return [...texts];
}
