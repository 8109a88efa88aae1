/** Last words of names that hold secrets, as in `clientSecret`, `GITHUB_TOKEN`, `x-api-key`. */
const ONE_WORD = new Set([
  'password',
  'passwd',
  'pwd',
  'passphrase',
  'secret',
  'token',
  'authorization',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'apikey',
  'accesskey',
  'privatekey',
  'secretkey',
  'signingkey',
  'encryptionkey',
  'accesstoken',
  'authtoken',
  'refreshtoken',
  'sessiontoken',
  'clientsecret',
]);
/** What makes a key a secret one. */
const BEFORE_KEY = new Set(['api', 'access', 'private', 'secret', 'signing', 'encryption', 'master', 'auth']);
/** The value of these headers goes to the end of the line. */
const WHOLE_LINE = new Set(['authorization', 'cookie']);

export type NameKind = 'secret' | 'header' | 'harmless';

/** Whether values under this name are secrets. Only the last words count: a `tokenCount` is a number of tokens. */
export function kindOfName(name: string): NameKind {
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined) return 'harmless';
  if (WHOLE_LINE.has(last)) return 'header';
  if (ONE_WORD.has(last)) return 'secret';
  return last === 'key' && BEFORE_KEY.has(words.at(-2) ?? '') ? 'secret' : 'harmless';
}

function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
