/** `512KiB`, `64MiB`, `2GiB`. */
export const BYTE_SIZE_PATTERN = /^\d{1,7}(?:\.\d{1,3})?(?:KiB|MiB|GiB)$/;

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Whole bytes of a size as it is written. NaN for any other text. */
export function toBytes(size: string): number {
  if (!BYTE_SIZE_PATTERN.test(size)) return Number.NaN;
  return Math.round(Number.parseFloat(size) * (UNITS[size.slice(-3)] ?? Number.NaN));
}
