import type { CertificateFacts } from './certificate-identity.ts';

/** What a request shows of who sent it. */
export interface RequestFacts {
  /** The `Authorization` header as it came; several of them joined by a comma and a space. */
  readonly authorization?: string | undefined;
  /** The `x-api-key` header, the same way. */
  readonly apiKey?: string | undefined;
  /** Headers that a proxy signs, those of `signedHeaders` alone, by their names in lower case. */
  readonly signed?: Readonly<Record<string, string>> | undefined;
  /** Of the client. */
  readonly address?: string | undefined;
  /** That the client has shown; looked at where neither of the two headers came. */
  readonly certificate?: CertificateFacts | undefined;
}
