const UNITS: readonly (readonly [milliseconds: number, name: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** How long ago something was, in the largest unit of which there is a whole one. */
export function describeAge(milliseconds: number): string {
  const unit = UNITS.find(([size]) => milliseconds >= size);
  return unit === undefined ? 'now' : `${Math.floor(milliseconds / unit[0])} ${unit[1]}`;
}
