import { Payload } from '@hostler/kernel';
import type { Outcome } from '@hostler/kernel';
import { JsonShapeError } from '@hostler/protocol';
import type { ListName } from '@hostler/protocol';
import { plainPage } from '@hostler/router';
import { upstreamErrors } from '@hostler/upstream';
import type { HostParts } from './host-parts.ts';

/**
 * A list that goes from its server to a client as it is, but for what a person would not see in it: the same outcome where
 * there is nothing of that.
 * @throws UPSTREAM_PROTOCOL
 */
export function plainList(
  { drift }: Pick<HostParts, 'drift'>,
  server: string,
  kind: ListName,
  given: Outcome,
): Outcome {
  if (given.kind === 'error' || drift.suspicious === 'flag') return given;
  const bytes = given.payload.bytes();
  try {
    const plain = plainPage(bytes, kind, drift.suspicious);
    return plain === bytes ? given : { ...given, payload: Payload.ofBytes(plain) };
  } catch (thrown) {
    if (!(thrown instanceof JsonShapeError)) throw thrown;
    throw upstreamErrors.PROTOCOL({ details: { server, mayHaveRun: false }, cause: thrown });
  }
}
