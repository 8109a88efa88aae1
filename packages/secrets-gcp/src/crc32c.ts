/** Remainders of the 16 half bytes for the reflected Castagnoli polynomial 0x82f63b78 (RFC 3720, appendix B.4). */
const REMAINDERS = [
  0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d, 0x82f63b78,
  0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
] as const;

/** CRC-32C as Secret Manager computes it over a payload. `node:zlib` has CRC-32 only. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = halfByte(halfByte(remainder ^ byte));
  return (remainder ^ 0xffffffff) >>> 0;
}

function halfByte(remainder: number): number {
  return (remainder >>> 4) ^ (REMAINDERS[remainder & 0xf] ?? 0);
}
