import * as v from 'valibot';

/** Credentials are no option: they come from the SDK's default chain, so that none stands in a configuration. */
export interface AwsOptions {
  /** Where secrets that are referenced by name are; absent: `AWS_REGION` or the profile. An ARN names its own. */
  readonly region?: string;
  /** Used for every region instead of AWS's own: a VPC endpoint, a stand-in. Plain HTTP only on loopback. */
  readonly endpoint?: string;
  /** A profile of the shared configuration files; absent: `AWS_PROFILE` or `default`. */
  readonly profile?: string;
}

export const REGION: RegExp = /^[a-z]{2,5}(?:-[a-z]{2,12}){1,3}-\d{1,2}$/;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export const awsOptions = v.strictObject({
  region: v.exactOptional(v.pipe(v.string(), v.regex(REGION, 'name a region, for example eu-west-1'))),
  endpoint: v.exactOptional(
    v.pipe(
      v.string(),
      v.check(isEndpoint, 'write an https URL without user, query or fragment; http on loopback only'),
    ),
  ),
  profile: v.exactOptional(v.pipe(v.string(), v.minLength(1, 'name a profile'))),
});

function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || `${url.username}${url.password}${url.search}${url.hash}` !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}
