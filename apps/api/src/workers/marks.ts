/** The process that has the servers, beside the workers 1, 2, … */
export const OWNER = 0;

/** Behind ids of sessions and the like: which process gave them out. It is no secret, and tells nothing else. */
export function markOf(place: number): string {
  return `.${place}`;
}

const MARKED = /\.(\d{1,3})$/;

/** Undefined where there is none. */
export function placeOf(id: string): number | undefined {
  const digits = MARKED.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
