import { hashKey } from '@hostler/auth';
import { listenForStop } from '@hostler/api/stop-signals';
import type { ConsumerSpec, HostPlan, SecretKeySpec } from '@hostler/config';
import { isHostlerError } from '@hostler/kernel';
import type { Cli } from '../../cli.ts';
import { openRuntime, orInterrupted, unwatched } from '../../host-session.ts';

/** A key of the configuration. */
export interface FoundKey {
  readonly consumer: string;
  /** Milliseconds since 1970. */
  readonly expires?: number;
}

/** The entry that this is the key of, whether it has expired or not. Secrets are read only when no hash is the right one. */
export async function findKey(cli: Cli, plan: HostPlan, key: string): Promise<FoundKey | undefined> {
  const hash = hashKey(key);
  for (const { name, keys } of plan.consumers ?? []) {
    for (const spec of keys) if ('hash' in spec && spec.hash === hash) return toFound(name, spec.expires);
  }
  return findSecretKey(cli, plan, key);
}

function toFound(consumer: string, expires: number | undefined): FoundKey {
  return { consumer, ...(expires !== undefined && { expires }) };
}

interface OwnedKey {
  readonly owner: string;
  readonly spec: SecretKeySpec;
}

/**
 * Asks a host that has no servers, and a consumer for each key that is kept as a secret: so the answer is that of the table
 * which decides, and names the key that fits.
 */
async function findSecretKey(cli: Cli, plan: HostPlan, key: string): Promise<FoundKey | undefined> {
  const owned = (plan.consumers ?? []).flatMap(({ name, keys }) =>
    keys.flatMap((spec): OwnedKey[] => ('secret' in spec ? [{ owner: name, spec }] : [])),
  );
  if (owned.length === 0) return undefined;
  const consumers = owned.map(({ spec: { secret } }, index): ConsumerSpec => {
    return { name: `key-${index}`, keys: [{ secret }], tokens: [] };
  });
  const requests = listenForStop(cli.context.signals);
  try {
    const narrowed = { ...unwatched(plan), servers: [], groups: [], consumers };
    const runtime = await openRuntime(cli, narrowed, { level: 'error' });
    try {
      await orInterrupted(runtime.start(), requests.stop);
      const { name } = await runtime.consumers.identify({ apiKey: key }, requests.stop);
      const found = owned[consumers.findIndex((consumer) => consumer.name === name)];
      return found && toFound(found.owner, found.spec.expires);
    } catch (error) {
      if (isHostlerError(error) && error.code === 'AUTH_INVALID') return undefined;
      throw error;
    } finally {
      await runtime.close();
    }
  } finally {
    requests.release();
  }
}
