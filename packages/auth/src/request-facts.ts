import type { CertificateFacts } from './certificate-identity.ts';

/** The hash of a credential, for whoever comes with the same header again. */
export interface HashedHeader {
  header?: string;
  /** As `hashKey` makes it, of the key or token in it. */
  digest?: string;
}

/** What a request shows of who sent it. */
export interface RequestFacts {
  /** The `Authorization` header as it came; several of them joined by a comma and a space. */
  readonly authorization?: string | undefined;
  /** The `x-api-key` header, the same way. */
  readonly apiKey?: string | undefined;
  /** Headers that a proxy signs, those of `signedHeaders` alone, by their names in lower case. */
  readonly signed?: Readonly<Record<string, string>> | undefined;
  /** Where it comes again and again: kept by whoever keeps the header, and looked at for that one alone. */
  readonly hashed?: HashedHeader | undefined;
  /** Of the client. */
  readonly address?: string | undefined;
  /** That the client has shown; looked at where neither of the two headers came. */
  readonly certificate?: CertificateFacts | undefined;
}
