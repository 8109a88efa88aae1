import type { ServerSummary } from './server-summary.ts';

/** What to do about a server that is not as it should be, where its problem does not say so itself. */
export function mendOf({ problem = '', problemCode = '' }: ServerSummary): string | undefined {
  const variable = /\benv:\/\/(\w+)/.exec(problem)?.[1];
  if (problemCode === 'SECRET_NOT_FOUND' && variable !== undefined) {
    return `Set the variable ${variable} where hostler is started. ${OPTIONAL}`;
  }
  return MENDS[problemCode];
}

const OPTIONAL = 'Or write "optional: true" beside the secret when the server can do without.';

const MENDS: Readonly<Record<string, string>> = {
  SECRET_NOT_FOUND: `Create the secret, or mend its name. ${OPTIONAL}`,
  SECRET_ACCESS_DENIED: 'Give the identity that Hostler runs as the right to read this one secret.',
  SECRET_UNAVAILABLE: 'Look whether the secret store can be reached from here; Hostler tries again by itself.',
};
