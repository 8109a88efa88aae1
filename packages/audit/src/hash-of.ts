import { hash } from 'node:crypto';

/** @param linked the hash of the record before, and the text of the record up to its own */
export function hashOf(linked: string): string {
  return hash('sha256', linked);
}
