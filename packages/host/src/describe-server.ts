import type { ServerDescription } from '@hostler/protocol';
import { describePersonal } from '@hostler/upstream';
import type { ConnectionUser } from '@hostler/upstream';
import { isConsentError } from './consent/sign-in.ts';
import type { HostParts } from './host-parts.ts';

/** One server as this client sees it. @throws UPSTREAM_*, SECRET_*, OAUTH_* */
export async function describeServerTo(
  { pool, drift, views }: Pick<HostParts, 'pool' | 'drift' | 'views'>,
  server: string,
  user: ConnectionUser,
): Promise<ServerDescription> {
  return drift.described(server, await describe(pool, server, user), views.of(user));
}

/** One that its user has to sign in to is described before that, too. */
async function describe(pool: HostParts['pool'], server: string, user: ConnectionUser): Promise<ServerDescription> {
  try {
    const connection = await pool.connection(server, user);
    return connection.server;
  } catch (error) {
    const spec = pool.spec(server);
    if (spec === undefined || !isConsentError(error)) throw error;
    return describePersonal(spec, user.client.era);
  }
}
