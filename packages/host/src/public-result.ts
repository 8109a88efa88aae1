import { Payload } from '@hostler/kernel';
import type { Outcome } from '@hostler/kernel';
import { renameResultUris } from '@hostler/router';
import type { Route } from './route.ts';

/** The outcome with the resources that it names under their public URIs: the same object when it names none. */
export function publicResult({ request, toPublicUri }: Route, outcome: Outcome): Outcome {
  if (toPublicUri === undefined || outcome.kind === 'error') return outcome;
  const bytes = outcome.payload.bytes();
  const renamed = renameResultUris(request.method, bytes, toPublicUri);
  return renamed === bytes ? outcome : { ...outcome, payload: Payload.ofBytes(renamed) };
}
