import type { ConsumerSpec, KeySpec } from '@hostler/kernel';
import { toTime } from '../expiry.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';

/** Undefined where nobody has to prove anything: that there are no consumers is another thing. */
export function toConsumerSpecs({ consumers }: CheckedConfig): ConsumerSpec[] | undefined {
  return consumers && Object.entries(consumers).map(([name, consumer]) => toConsumerSpec(name, consumer));
}

function toConsumerSpec(name: string, { keys, tokens, servers, allow, deny }: CheckedConsumer): ConsumerSpec {
  return {
    name,
    keys: keys.flatMap(toKeySpec),
    tokens: tokens.map(({ issuer, claims }) => ({ issuer, claims: { ...claims } })),
    ...(servers && { servers: [...servers] }),
    ...(allow && { allow: [...allow] }),
    ...(deny && { deny: [...deny] }),
  };
}

function toKeySpec({ hash, secret, expires }: CheckedConsumer['keys'][number]): KeySpec[] {
  const end = expires === undefined ? {} : { expires: toTime(expires) };
  if (hash !== undefined) return [{ hash, ...end }];
  return secret === undefined ? [] : [{ secret: { secret }, ...end }];
}
