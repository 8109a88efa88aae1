export interface Problem {
  readonly problem?: string;
  readonly problemCode?: string;
}

export interface MendOptions {
  /** Whether nothing is lost without the secret. */
  readonly isOptional?: boolean;
}

/** What to do about a server or a secret that is not as it should be, where its problem does not say so itself. */
export function mendOf({ problem = '', problemCode = '' }: Problem, options: MendOptions = {}): string | undefined {
  const variable = /\benv:\/\/(\w+)/.exec(problem)?.[1];
  const mend =
    problemCode === 'SECRET_NOT_FOUND' && variable !== undefined
      ? `Set the variable ${variable} where hostler is started.`
      : MENDS[problemCode];
  return mend === undefined || options.isOptional === true || !isLeftOut(problemCode) ? mend : `${mend} ${OPTIONAL}`;
}

const OPTIONAL = 'Or write "optional: true" beside the secret when the server can do without.';

/** Of what is not there for good, doing without it is a way out. */
function isLeftOut(problemCode: string): boolean {
  return problemCode === 'SECRET_NOT_FOUND' || problemCode === 'SECRET_DISABLED';
}

/** The message of SECRET_ACCESS_DENIED names the right that is missing; most others name their mend as well. */
const MENDS: Readonly<Record<string, string>> = {
  SECRET_NOT_FOUND: 'Create the secret, or mend its name.',
  SECRET_DISABLED: 'Enable it again, or name another version of it.',
  SECRET_UNAVAILABLE: 'Look whether the secret store can be reached from here; Hostler tries again by itself.',
  AUTH_MISSING:
    'Show a key of one of its consumers: set HOSTLER_KEY, or name a file that holds it with --key-file FILE. A new one is made with hostler keys create.',
  AUTH_INVALID:
    'The key is unknown to it, or was taken back: "hostler keys verify", where its configuration is, tells whose a key is. A new one is made with hostler keys create.',
  AUTH_EXPIRED: 'Make a new key with hostler keys create, or get a new token.',
  AUTH_FORBIDDEN:
    'The token is good, but no consumer of the configuration takes it: compare its claims with "tokens" of the consumers.',
  AUTH_SCOPE_MISSING:
    'Get a token with the scopes that the answer names; the client has to ask the issuer for them, and its user may have to agree.',
  API_FORBIDDEN:
    'Its consumer needs a role, such as "roles: [viewer]" to look, or "roles: [operator]" to restart, reload, rotate and change what is logged as well; or show the key of one that has it.',
  AUTH_UNAVAILABLE:
    'The host cannot get the keys of the issuer of the token: look whether it reaches the address at "jwks" or the metadata of the issuer. It tries again by itself.',
  SECRET_VALUE_INVALID: 'Store the value anew: text of at most 64 KiB, without NUL characters.',
};
