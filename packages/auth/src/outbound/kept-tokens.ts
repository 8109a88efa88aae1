import { readStoredToken } from './stored-token.ts';
import type { StoredToken } from './stored-token.ts';
import type { TokenStore } from './token-store.ts';

/** As `tokenName` makes it. */
const ID = /^[0-9a-f]{64}$/;

/** That of a user. */
export type UserToken = StoredToken & { readonly principal: string };

/** Who has let the host use which server; no values. */
export interface GrantRecord {
  readonly id: string;
  readonly server: string;
  readonly consumer: string;
  readonly subject?: string;
  readonly issuer: string;
  readonly scope?: string;
  /** Milliseconds since 1970. */
  readonly obtainedAt: number;
  /** Whether it goes on without the user when the token ends. */
  readonly renewable: boolean;
}

export async function* keptTokens(
  store: TokenStore,
): AsyncGenerator<{ readonly id: string; readonly token: UserToken }> {
  for (const id of await store.names()) {
    // oxlint-disable-next-line no-await-in-loop -- there may be many files
    const token = await readKept(store, id);
    if (token !== undefined) yield { id, token };
  }
}

/** Undefined as well for the registrations that are kept beside them. */
export async function readKept(store: TokenStore, id: string): Promise<UserToken | undefined> {
  const text = ID.test(id) ? await store.load(id) : undefined;
  const token = text === undefined ? undefined : readStoredToken(text);
  return token?.principal === undefined ? undefined : { ...token, principal: token.principal };
}

export function recordOf(id: string, token: UserToken): GrantRecord {
  const [consumer, , subject] = JSON.parse(token.principal) as [string, string | null, string | null];
  const { server, issuer, scope, obtainedAt, refreshToken } = token;
  return {
    id,
    server,
    consumer,
    ...(subject !== null && { subject }),
    issuer,
    ...(scope !== undefined && { scope }),
    obtainedAt,
    renewable: refreshToken !== undefined,
  };
}
