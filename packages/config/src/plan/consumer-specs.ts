import { toTime } from '../expiry.ts';
import type { CheckedConfig, CheckedConsumer } from '../schema/config-file.ts';
import { toCertificateMatch } from './certificate-match.ts';
import { toConsumerDrift } from './lock-spec.ts';
import { toCallLimitSpec } from './limits-spec.ts';
import { permissionsOfRoles } from './roles.ts';
import { toViewSpec } from './view-spec.ts';
import type { ConsumerSpec, KeySpec } from './consumer-spec.ts';

/** Undefined where nobody has to prove anything: that there are no consumers is another thing. */
export function toConsumerSpecs({ consumers, roles, lock }: CheckedConfig): ConsumerSpec[] | undefined {
  return (
    consumers &&
    Object.entries(consumers).map(([name, consumer]) => ({
      ...toConsumerSpec(name, consumer),
      ...toPermissions(consumer.roles, roles),
      ...(consumer.drift !== undefined && { drift: toConsumerDrift(consumer.drift, lock.drift) }),
    }))
  );
}

function toConsumerSpec(
  name: string,
  { keys, tokens, certificates, limits, bundles, ...view }: CheckedConsumer,
): ConsumerSpec {
  const own = toCallLimitSpec(limits);
  return {
    name,
    keys: keys.flatMap(toKeySpec),
    tokens: tokens.map(({ issuer, claims, scopes }) => ({
      issuer,
      claims: { ...claims },
      ...(scopes && { scopes: [...scopes] }),
    })),
    ...(certificates.length > 0 && { certificates: certificates.flatMap((each) => toCertificateMatch(each) ?? []) }),
    ...(own && { limits: own }),
    ...(bundles && { bundles: [...bundles] }),
    ...toViewSpec(view),
  };
}

/** Patterns and names of roles are looked up once, here. */
function toPermissions(
  roles: CheckedConsumer['roles'],
  own: CheckedConfig['roles'],
): Pick<ConsumerSpec, 'roles' | 'permissions'> {
  return roles.length === 0 ? {} : { roles: [...roles], permissions: permissionsOfRoles(roles, own) };
}

function toKeySpec({ hash, secret, expires }: CheckedConsumer['keys'][number]): KeySpec[] {
  const end = expires === undefined ? {} : { expires: toTime(expires) };
  if (hash !== undefined) return [{ hash, ...end }];
  return secret === undefined ? [] : [{ secret: { secret }, ...end }];
}
