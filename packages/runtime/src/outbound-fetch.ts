import { createGuardedFetch, createReach } from '@hostler/upstream';

export interface OutboundFetchOptions {
  /** What of the configuration is an address: their hosts may be anywhere. */
  readonly urls: readonly (string | undefined)[];
  /** `outbound.allow`. */
  readonly allow: readonly string[];
}

/** For addresses that others tell the host. Its connections close by themselves, seconds after their last request. */
export function outboundFetch({ urls, allow }: OutboundFetchOptions): typeof fetch {
  const hosts = urls.flatMap((url) => (url !== undefined && URL.canParse(url) ? [new URL(url).hostname] : []));
  return createGuardedFetch({ reach: createReach({ hosts, allow }) }).fetch;
}
