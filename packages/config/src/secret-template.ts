import { faultOf } from './secret-reference.ts';

const PLACE = /\{([^{}]*)\}/g;
/** A claim, with dots for what lies inside another; `consumer` is the name of the consumer. */
const CLAIM = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*){0,7}$/;
const MAX_CLAIM = 64;

export const NOT_PERSONAL =
  'only a secret in env or headers can be each caller’s own: { and } cannot stand in this reference';

/** Whether the reference names another secret for each caller, as `gcp://project/users-{sub}-jira` does. */
export function isTemplate(reference: string): boolean {
  return reference.includes('{') || reference.includes('}');
}

/** As `faultOf`, for a reference in which claims of the caller may stand. */
export function faultOfTemplate(reference: string): string | undefined {
  return isTemplate(reference)
    ? (faultOfPlaces(reference) ?? faultOf(reference.replaceAll(PLACE, 'x')))
    : faultOf(reference);
}

function faultOfPlaces(reference: string): string | undefined {
  const hash = reference.indexOf('#');
  if (hash >= 0 && isTemplate(reference.slice(hash))) return 'the key after # is fixed text: claims stand before it';
  const claims = [...reference.matchAll(PLACE)].map(([, claim = '']) => claim);
  if (isTemplate(reference.replaceAll(PLACE, ''))) return 'each { needs its }, with the name of a claim between them';
  if (claims.every((claim) => claim.length <= MAX_CLAIM && CLAIM.test(claim))) return undefined;
  return 'between { and } stands the name of a claim, such as {sub} or {realm.team}, or {consumer}';
}
