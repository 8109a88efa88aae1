import { hash } from 'node:crypto';

/** @param text of the record, up to its own hash */
export function hashOf(previous: string, text: string): string {
  return hash('sha256', previous + text);
}
