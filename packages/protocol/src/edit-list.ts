import { scanElements } from './json-scan.ts';

/** The bytes of each element. @throws JsonShapeError when `list` is no array. */
export function elementsOf(list: Uint8Array): Uint8Array[] {
  const spans = scanElements(list, { start: 0, end: list.length });
  return spans.map(({ start, end }) => list.subarray(start, end));
}

/** The array of these elements. */
export function joinElements(elements: readonly Uint8Array[]): Uint8Array {
  const parts = elements.flatMap((element, index) => (index === 0 ? [element] : [COMMA, element]));
  return Buffer.concat([OPEN, ...parts, CLOSE]);
}

const OPEN = Buffer.from('[');
const CLOSE = Buffer.from(']');
const COMMA = Buffer.from(',');
