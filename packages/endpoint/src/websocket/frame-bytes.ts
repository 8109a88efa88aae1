/** Bytes of a server's frame with a payload of this length. Source: RFC 6455, 5.2. */
export function frameBytes(payload: number): number {
  if (payload < 126) return payload + 2;
  return payload + (payload < 65_536 ? 4 : 10);
}
