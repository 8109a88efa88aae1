import { isIP } from 'node:net';

/** Whether it is an address, or the beginning of some with the number of bits that they share: `10.0.0.0/8`. */
export function isAddressRange(text: string): boolean {
  const match = /^([0-9a-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const version = isIP(match?.[1] ?? '');
  return version !== 0 && Number(match?.[2] ?? 0) <= (version === 4 ? 32 : 128);
}
