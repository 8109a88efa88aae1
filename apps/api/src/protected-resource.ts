import { protectedResourceMetadata, protectedResourceMetadataUrl } from '@hostler/auth';
import type { ProtectedResourceMetadata } from '@hostler/auth';
import type { HostPlan } from '@hostler/config';
import { apiErrors } from './errors.ts';

export const PROTECTED_RESOURCE = '/.well-known/oauth-protected-resource';

/**
 * Where clients get their tokens, at the well-known path and at the one with the path of the resource behind it
 * (RFC 9728, 3.1). @throws API_NOT_FOUND where there is no such thing
 */
export function describeProtectedResource(path: string, { auth }: Pick<HostPlan, 'auth'>): ProtectedResourceMetadata {
  const { resource, issuers } = auth;
  if (resource === undefined) throw apiErrors.NOT_FOUND();
  const own = new URL(protectedResourceMetadataUrl(resource)).pathname;
  if (path !== PROTECTED_RESOURCE && path !== own) throw apiErrors.NOT_FOUND();
  return protectedResourceMetadata({ resource, issuers });
}
