import { isJsonObject } from '@hostler/kernel';
import type { Path } from '../path.ts';
import type { ProblemList } from '../problem.ts';
import type { CheckedConfig, CheckedIssuer } from '../schema/config-file.ts';
import { KEYS_OF_TYPE } from '../schema/issuer.ts';
import { writtenMap } from './written-names.ts';

type IssuerType = CheckedIssuer['type'];

/** What is needed beside `audience`, which may be that of the whole host. */
const NEEDED: Readonly<Record<IssuerType, readonly string[]>> = {
  jwt: ['issuer'],
  introspection: ['issuer', 'url', 'clientId', 'clientSecret'],
  'google-iap': [],
  'aws-alb': ['issuer', 'signer'],
};

/** Signed headers are for the application behind the proxy, and name that: never the URL of the host. */
const NAMES_AUDIENCE: ReadonlySet<IssuerType> = new Set(['google-iap', 'aws-alb']);

const OF_SOME: ReadonlySet<string> = new Set(Object.values(KEYS_OF_TYPE).flat());

/**
 * Every issuer has what its type needs, and nothing that means something to another type alone. `written` is the whole
 * configuration, broken parts too.
 */
export function checkIssuers({ auth }: CheckedConfig, written: unknown, problems: ProblemList): void {
  const asked: string[] = [];
  for (const [name, own] of Object.entries(writtenMap(written, 'auth', 'issuers'))) {
    if (!isJsonObject(own)) continue;
    const path = ['auth', 'issuers', name];
    const { type = 'jwt' } = own;
    if (!isIssuerType(type)) continue;
    checkKeys(type, { path, own, problems });
    if (Object.hasOwn(auth.issuers, name)) checkAudience(type, { path, own, problems }, auth.resource);
    if (type !== 'introspection') continue;
    const [other] = asked;
    if (other !== undefined) {
      const hint = 'opaque tokens do not say whose they are, and one must not be shown to anybody but its issuer';
      problems.add([...path, 'type'], `"${other}" is asked about tokens already`, { hint });
    }
    asked.push(name);
  }
}

function isIssuerType(type: unknown): type is IssuerType {
  return typeof type === 'string' && Object.hasOwn(NEEDED, type);
}

interface IssuerContext {
  readonly path: Path;
  /** As it was written: what is broken is there all the same. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly problems: ProblemList;
}

function checkKeys(type: IssuerType, { path, own, problems }: IssuerContext): void {
  for (const key of NEEDED[type]) {
    if (own[key] === undefined) problems.add(path, `missing key "${key}"`, { part: 'key' });
  }
  const known: readonly string[] = KEYS_OF_TYPE[type];
  for (const key of Object.keys(own)) {
    if (!OF_SOME.has(key) || known.includes(key)) continue;
    problems.add([...path, key], `has no meaning for an issuer of type ${type}`, { part: 'key' });
  }
}

function checkAudience(type: IssuerType, { path, own, problems }: IssuerContext, resource?: string): void {
  if (own['audience'] !== undefined || (resource !== undefined && !NAMES_AUDIENCE.has(type))) return;
  const hint = NAMES_AUDIENCE.has(type)
    ? 'add audience: auth.resource is not what the proxy puts there'
    : 'add auth.resource, the URL of this host, or audience, which has to be in every token';
  problems.add(path, 'does not say for whom its tokens have to be issued', { hint, part: 'key' });
}
