import { isJsonObject } from '@hostler/kernel';
import type { Consumer, Json } from '@hostler/kernel';
import { secretErrors } from './secret-errors.ts';

/** Stands in place of a claim where there is no caller. */
const SAMPLE = 'x';
const PLACE = /\{([^{}]*)\}/g;
/** Nothing that separates parts of a path, a key or a text; what could climb out of a folder is refused on top of that. */
const VALUE = /^[A-Za-z0-9_@+][A-Za-z0-9_.@+-]{0,127}$/;

/** Whether the reference names another secret for each caller, as `gcp://project/users-{sub}-jira` does. */
export function isTemplate(reference: string): boolean {
  return reference.includes('{') || reference.includes('}');
}

/** The same reference as if every claim were `x`: where only its form is looked at. */
export function sampleOf(reference: string): string {
  return reference.replaceAll(PLACE, SAMPLE);
}

/**
 * The reference for this caller. What is put in is what was proved, letter by letter: nothing is encoded or left out.
 * @throws SECRET_CLAIM_REFUSED, which names the claim and never its value
 */
export function expandReference(reference: string, consumer: Consumer, server: string): string {
  return reference.replaceAll(PLACE, (place: string, claim: string, at: number) => {
    const value = claimOf(consumer, claim);
    const problem = problemOf(value) ?? problemBefore(reference.slice(at + place.length), value as string);
    if (problem !== undefined) throw secretErrors.CLAIM_REFUSED({ details: { server, claim, problem } });
    return value as string;
  });
}

/** Only what was proved counts: a caller without an identity has no name either. */
function claimOf({ name, identity }: Consumer, claim: string): Json | undefined {
  if (identity === undefined) return undefined;
  if (claim === 'consumer') return name;
  if (claim === 'sub' && identity.claims === undefined) return identity.subject;
  let value: Json | undefined = identity.claims;
  for (const part of claim.split('.'))
    value = isJsonObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
  return value;
}

/** Claims of two callers never make one reference: where a claim ends has to show in the text itself. */
function problemBefore(rest: string, value: string): string | undefined {
  const next = rest.indexOf('{');
  if (next === -1) return undefined;
  const between = rest.slice(0, next);
  return (value + between).indexOf(between) === value.length
    ? undefined
    : 'holds what stands between it and the next claim in the reference';
}

function problemOf(value: Json | undefined): string | undefined {
  if (value === undefined) return 'is missing';
  if (typeof value !== 'string') return 'is not one text';
  return VALUE.test(value) && !value.includes('..') ? undefined : 'holds characters that no name of a secret may have';
}
