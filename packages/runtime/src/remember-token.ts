import type { Redactor } from '@hostler/secrets';

const SIGNS = /^[\w.~+/|=:-]{16,}$/;
const RUN = /[A-Za-z0-9]{8,}/g;
/** No word of a protocol is as long, so digits are not needed. */
const LONG = 32;

/**
 * Has a token masked that an authorization server made up. One that calls a word its token, such as the name of a member
 * of every answer, would have that taken out of what all other servers say: only what looks random is masked.
 */
export function rememberToken(redactor: Pick<Redactor, 'add'>, value: string, name: string): void {
  if (SIGNS.test(value) && (value.match(RUN) ?? []).some(isRandom)) redactor.add(value, name);
}

function isRandom(run: string): boolean {
  return run.length >= LONG || (/\d/.test(run) && /[A-Za-z]/.test(run));
}
