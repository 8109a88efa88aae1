import type { Clock, Logger } from '@hostler/kernel';
import type { SecretResolver } from '@hostler/secrets';
import { checkIssuer } from './check-issuer.ts';
import { Introspection } from './introspection.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { LoadBalancer } from './load-balancer.ts';
import { LoadBalancerKeys } from './load-balancer-keys.ts';
import type { TokenIssuer } from './token-issuer.ts';
import { TokenVerifier } from './token-verifier.ts';
import type { IssuerSpec } from './issuer-spec.ts';

export interface IssuerContext {
  readonly secrets: Pick<SecretResolver, 'resolve'>;
  readonly clock: Clock;
  readonly wallClock: () => number;
  readonly fetch: typeof fetch;
  readonly log: Logger;
  /** Fires when the table is closed. */
  readonly closed: AbortSignal;
  /** Of the table that was there before: what they have read serves until it is read anew. */
  readonly former: readonly HeldIssuer[];
}

/** With the keys that it reads, for the table that comes after. */
export interface HeldIssuer {
  readonly issuer: TokenIssuer;
  readonly keys?: IssuerKeys | LoadBalancerKeys;
}

/** @throws AUTH_ISSUER_INVALID */
export function createTokenIssuer(spec: IssuerSpec, context: IssuerContext): HeldIssuer {
  checkIssuer(spec);
  const { wallClock, former } = context;
  const formerKeys = former.flatMap(({ keys = [] }) => keys);
  if (spec.type === 'introspection') return { issuer: new Introspection({ ...context, spec }) };
  if (spec.type === 'aws-alb') {
    const known = formerKeys.find((each) => each instanceof LoadBalancerKeys && each.areOf(spec));
    const keys = new LoadBalancerKeys({ ...context, spec, former: known as LoadBalancerKeys | undefined });
    return { issuer: new LoadBalancer(spec, keys, wallClock), keys };
  }
  const known = formerKeys.find((each) => each instanceof IssuerKeys && each.areOf(spec));
  const keys = new IssuerKeys({ ...context, spec, former: known as IssuerKeys | undefined });
  return { issuer: new TokenVerifier(spec, keys, wallClock), keys };
}
