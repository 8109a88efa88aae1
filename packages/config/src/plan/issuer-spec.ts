import type { SecretUse } from '@hostler/kernel';

/** Whose word is taken for who a client is. */
export type IssuerSpec = JwtIssuerSpec | IntrospectionSpec | LoadBalancerSpec;

interface AnyIssuerSpec {
  readonly name: string;
  /** The exact `iss`. */
  readonly issuer: string;
  /** One of them has to be an `aud`; of a load balancer its client id there. */
  readonly audience: readonly string[];
  /** Every token has to have them. */
  readonly scopes?: readonly string[];
  /** Names a configured consumer, with claims in braces: whose a token is that fits no consumer. */
  readonly consumer?: string;
}

export interface JwtIssuerSpec extends AnyIssuerSpec {
  /** Absent: tokens that clients have; else those that Google's Identity-Aware Proxy puts into a header. */
  readonly type?: 'google-iap';
  /** Signature algorithms, such as `RS256`; never `none`, never one with a shared key. */
  readonly algorithms: readonly string[];
  /** URL of its keys; absent: found through its metadata. */
  readonly jwks?: string;
  /** The `typ` of each token; absent: any that no other kind of token has. */
  readonly tokenType?: 'at+jwt';
}

/** Tokens that say nothing by themselves: their issuer is asked (RFC 7662). */
export interface IntrospectionSpec extends AnyIssuerSpec {
  readonly type: 'introspection';
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: SecretUse;
}

/** What an Application Load Balancer of AWS signs of those whom it let in. */
export interface LoadBalancerSpec extends AnyIssuerSpec {
  readonly type: 'aws-alb';
  /** Its ARN. */
  readonly signer: string;
  /** URL before the id of a key. */
  readonly keys: string;
}
