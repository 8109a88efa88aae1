import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { UnverifiedToken } from './token-issuer.ts';

/** Absent for anything but three parts: encrypted tokens have five. */
export function unverifiedToken(text: string): UnverifiedToken | undefined {
  const [head, body, signature, more] = text.split('.', 4);
  if (head === undefined || body === undefined || signature === undefined || more !== undefined) return undefined;
  const header = parsed(head);
  const claims = parsed(body);
  return header && claims && { header, claims };
}

function parsed(part: string): JsonObject | undefined {
  try {
    const found: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
