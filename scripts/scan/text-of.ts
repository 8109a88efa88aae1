/** What is longer is no source, and no configuration. */
const LONGEST = 8 * 1024 * 1024;
const LOOKED_AT = 8_000;

/** The text of a file; undefined for a binary one, or one that is too long to be searched. */
export function textOf(bytes: Buffer): string | undefined {
  if (bytes.length > LONGEST || bytes.subarray(0, LOOKED_AT).includes(0)) return undefined;
  return bytes.toString('utf8');
}
