/** How a secret may look where it leaks: what programs do to a text before they write it. */
export const ENCODINGS = [
  'raw',
  'json',
  'base64',
  'base64 +1',
  'base64 +2',
  'base64url',
  'hex',
  'url',
  'chunks',
] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** The text that a leaking server says. `chunks` is the plain value: it is cut where it is written. */
export function encode(value: string, encoding: Encoding): string {
  const bytes = Buffer.from(value);
  switch (encoding) {
    case 'raw':
    case 'chunks':
      return value;
    case 'json':
      return JSON.stringify(value).slice(1, -1);
    case 'base64':
      return bytes.toString('base64');
    case 'base64 +1':
      return Buffer.concat([Buffer.from('x'), bytes]).toString('base64');
    case 'base64 +2':
      return Buffer.concat([Buffer.from('xy'), bytes]).toString('base64');
    case 'base64url':
      return bytes.toString('base64url');
    case 'hex':
      return bytes.toString('hex');
    case 'url':
      return encodeURIComponent(value);
  }
}

/**
 * What to look for, without what stands around it: of base64, the characters that the value alone decides. Written for
 * these tests: looking with the product's own list would miss what that list has forgotten.
 */
export function needles(value: string): ReadonlyMap<Exclude<Encoding, 'chunks'>, readonly string[]> {
  const bytes = Buffer.from(value);
  const core = (before: number): string => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
  };
  return new Map([
    ['raw', [value, ...linesOf(value), ...partsOf(value)]],
    ['json', [JSON.stringify(value).slice(1, -1), ...leavesOf(value).map((leaf) => JSON.stringify(leaf).slice(1, -1))]],
    ['base64', [core(0)]],
    ['base64 +1', [core(1)]],
    ['base64 +2', [core(2)]],
    ['base64url', [0, 1, 2].map((before) => core(before).replaceAll('+', '-').replaceAll('/', '_'))],
    ['hex', [bytes.toString('hex'), bytes.toString('hex').toUpperCase()]],
    ['url', [encodeURIComponent(value), encodeURIComponent(value).replaceAll('%20', '+')]],
  ]);
}

/** Each line says enough by itself, but for the frame of a PEM block. */
function linesOf(value: string): readonly string[] {
  const lines = [value, ...leavesOf(value)].flatMap((text) => (text.includes('\n') ? text.split('\n') : []));
  return lines.filter((line) => line.length >= 16 && !line.startsWith('-----'));
}

/** A value that was cut in two, by a bound on what is shown, is known by most of it. */
function partsOf(value: string): readonly string[] {
  // Of the others the beginning is the same for all.
  if (value.startsWith('{') || value.startsWith('-----')) return [];
  const most = Math.ceil(value.length * 0.7);
  return [value.slice(0, most), value.slice(-most)];
}

function leavesOf(value: string): readonly string[] {
  if (!value.startsWith('{')) return [];
  return Object.values(JSON.parse(value) as Readonly<Record<string, string>>);
}
