import type { ConsumerSpec, KeySpec } from '@hostler/kernel';
import { toCallRate } from '../call-rate.ts';
import { toTime } from '../expiry.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { permissionsOfRoles } from './roles.ts';

/** Undefined where nobody has to prove anything: that there are no consumers is another thing. */
export function toConsumerSpecs({ consumers, roles }: CheckedConfig): ConsumerSpec[] | undefined {
  return (
    consumers &&
    Object.entries(consumers).map(([name, consumer]) => ({
      ...toConsumerSpec(name, consumer),
      ...toPermissions(consumer.roles, roles),
    }))
  );
}

function toConsumerSpec(name: string, { keys, tokens, limits, servers, allow, deny }: CheckedConsumer): ConsumerSpec {
  return {
    name,
    keys: keys.flatMap(toKeySpec),
    tokens: tokens.map(({ issuer, claims }) => ({ issuer, claims: { ...claims } })),
    ...toLimits(limits),
    ...(servers && { servers: [...servers] }),
    ...(allow && { allow: [...allow] }),
    ...(deny && { deny: [...deny] }),
  };
}

/** Patterns and names of roles are looked up once, here. */
function toPermissions(
  roles: CheckedConsumer['roles'],
  own: CheckedConfig['roles'],
): Pick<ConsumerSpec, 'roles' | 'permissions'> {
  return roles.length === 0 ? {} : { roles: [...roles], permissions: permissionsOfRoles(roles, own) };
}

function toLimits({ calls, concurrent }: CheckedConsumer['limits'] = {}): Pick<ConsumerSpec, 'limits'> {
  if (calls === undefined && concurrent === undefined) return {};
  const rate = calls === undefined ? {} : { calls: toCallRate(calls) };
  return { limits: { ...rate, ...(concurrent !== undefined && { concurrent }) } };
}

function toKeySpec({ hash, secret, expires }: CheckedConsumer['keys'][number]): KeySpec[] {
  const end = expires === undefined ? {} : { expires: toTime(expires) };
  if (hash !== undefined) return [{ hash, ...end }];
  return secret === undefined ? [] : [{ secret: { secret }, ...end }];
}
