import type { JsonObject } from '@hostler/kernel';
import { claimValues } from './claim-values.ts';

const PLACE = /\{([^{}]+)\}/g;

/** What may become a part of a name: nothing that would mean something else in one. */
const VALUE = /^[A-Za-z0-9_-]{1,64}$/;

/** The text with what the claims say in the place of `{claim}`; absent where one of them is not exactly one plain value. */
export function fillTemplate(template: string, claims: JsonObject): string | undefined {
  let isWhole = true;
  const text = template.replaceAll(PLACE, (_, path: string) => {
    const [value = '', ...more] = claimValues(claims, path);
    if (more.length === 0 && VALUE.test(value)) return value;
    isWhole = false;
    return '';
  });
  return isWhole ? text : undefined;
}
