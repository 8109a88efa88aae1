/** What a `WWW-Authenticate` header says. Source: RFC 6750, section 3; RFC 9728, section 5.1. */
export interface ChallengeFacts {
  readonly scope?: string;
  readonly error?: string;
  readonly metadataUrl?: string;
}

const MAX_LENGTH = 8 * 1024;

export function challengeFacts(header: string | undefined): ChallengeFacts {
  if (header === undefined || header.length > MAX_LENGTH || !/(?:^|,)\s*bearer\b/i.test(header)) return {};
  const found = Object.fromEntries(
    [...header.matchAll(/\b(scope|error|resource_metadata)\s*=\s*(?:"([^"\\]*)"|([^\s,"]+))/g)].map(
      ([, key = '', quoted, plain]) => [key, quoted ?? plain ?? ''],
    ),
  );
  const { scope, error, resource_metadata: metadataUrl } = found;
  return { ...(scope && { scope }), ...(error && { error }), ...(metadataUrl && { metadataUrl }) };
}
