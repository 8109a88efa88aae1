import type { Json } from '@hostler/kernel';
import { memberBytes, parseBytes } from '@hostler/protocol';

/** One member of an object, parsed; the rest stays bytes. @throws JsonShapeError */
export function memberValue(bytes: Uint8Array, key: string): Json | undefined {
  const member = memberBytes(bytes, key);
  return member && parseBytes(member);
}
