/** One regular file of a tar archive. */
export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;

/**
 * The regular files of an archive, links and folders left out. Names and lengths as in POSIX pax and as GNU writes them.
 * Source: IEEE Std 1003.1, pax Interchange Format and ustar Interchange Format.
 */
export function* tarEntries(archive: Buffer): Generator<TarEntry> {
  let position = 0;
  let longName: string | undefined;
  let pax: ReadonlyMap<string, string> = new Map();
  while (position + BLOCK <= archive.length) {
    const header = archive.subarray(position, position + BLOCK);
    if (header[0] === 0) return;
    const length = Number(pax.get('size') ?? numberIn(header, 124, 12));
    const content = archive.subarray(position + BLOCK, position + BLOCK + length);
    position += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = textIn(content, 0, content.length);
    else if (type === 'x') pax = paxRecords(content);
    else {
      if (type === '0' || type === '\0') yield { name: pax.get('path') ?? longName ?? nameIn(header), content };
      longName = undefined;
      pax = new Map();
    }
  }
}

function nameIn(header: Buffer): string {
  const prefix = header.toString('latin1', 257, 262) === 'ustar' ? textIn(header, 345, 155) : '';
  const name = textIn(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textIn(bytes: Buffer, start: number, length: number): string {
  return bytes.toString('utf8', start, start + length).replace(/\0.*$/s, '');
}

/** Octal digits, or, for what they cannot hold, a binary number behind a set bit. */
function numberIn(bytes: Buffer, start: number, length: number): number {
  if (((bytes[start] ?? 0) & 0x80) !== 0) return Number(bytes.readBigUInt64BE(start + length - 8));
  return Number.parseInt(textIn(bytes, start, length).trim() || '0', 8);
}

function paxRecords(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  let position = 0;
  while (position < content.length) {
    const space = content.indexOf(0x20, position);
    const length = Number(content.toString('latin1', position, space));
    if (space === -1 || !(length > 0)) break;
    const record = content.toString('utf8', space + 1, position + length - 1);
    records.set(record.slice(0, record.indexOf('=')), record.slice(record.indexOf('=') + 1));
    position += length;
  }
  return records;
}
