import { createHash } from 'node:crypto';

/** What tells one value from another where the value itself must not be said. */
export function digestOf(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 12);
}
