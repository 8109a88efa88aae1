/**
 * Whether letters, signs or line breaks are written as numbers, which no form of a secret foresees: then only the decoded
 * text tells. Escapes of other characters are usual, and foreseen.
 */
export function hidesLetters(bytes: Uint8Array): boolean {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf('\\u00', 0, 'latin1'); at !== -1; at = buffer.indexOf('\\u00', at + 4, 'latin1')) {
    const high = buffer[at + 4] ?? 0;
    // \u0020 to \u007f, and \u0009, \u000a, \u000d.
    if (high >= 0x32 && high <= 0x37) return true;
    if (high === 0x30 && LINE_BREAKS.includes(buffer[at + 5] ?? 0)) return true;
  }
  return false;
}

const LINE_BREAKS = Buffer.from('9adAD');
