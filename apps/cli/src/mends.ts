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
  SECRET_VALUE_INVALID: 'Store the value anew: text of at most 64 KiB, without NUL characters.',
};
