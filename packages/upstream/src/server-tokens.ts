import type { Consumer, OAuthSpec } from '@hostler/kernel';

/** What a server said when it did not take a request for the sake of its authorization. */
export interface TokenRefusal {
  /** The value that was sent; empty when none was. */
  readonly used: string;
  /** 401, or 403. */
  readonly status: number;
  /** Its `WWW-Authenticate`. */
  readonly challenge: string | undefined;
  readonly url: string;
}

/** A server for which tokens are obtained. */
export interface TokenServer {
  readonly name: string;
  readonly url: string;
  readonly oauth: OAuthSpec;
}

/** Where the tokens come from that are shown to servers. */
export interface ServerTokens {
  /**
   * The value of `Authorization` for this server, and for this consumer where the grant is a user's. Empty when there is
   * none yet and the server has not asked for one. Without a promise while it is good.
   * @throws OAUTH_CONSENT_REQUIRED (details: url, elicitationId), OAUTH_*, or the reason of the signal
   */
  authorization(server: TokenServer, consumer: Consumer, signal: AbortSignal): string | Promise<string>;
  /**
   * The server refused that value with 401, or with 403 and `insufficient_scope`.
   * @returns whether asking again is worth a try
   * @throws as `authorization` does
   */
  refused(server: TokenServer, consumer: Consumer, refusal: TokenRefusal, signal: AbortSignal): Promise<boolean>;
  /** Resolves when the consent of that id was given. @throws OAUTH_*: denied, too late; or the reason of the signal */
  consented(elicitationId: string, signal: AbortSignal): Promise<void>;
}
