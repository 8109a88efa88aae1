import { isJsonObject } from '@hostler/kernel';
import type { JsonObject } from '@hostler/kernel';
import type { Path } from '../path.ts';

/** A secret in the place of a value, and where. */
export interface PlacedUse {
  /** Of the map around the reference. */
  readonly path: Path;
  readonly use: JsonObject & { readonly secret: string };
}

/** What the options of a provider hold: the secrets, and the texts that are none. */
export interface OptionParts {
  readonly uses: readonly PlacedUse[];
  readonly texts: readonly { readonly path: Path; readonly text: string }[];
}

/** What a secret in `env` may have beside it. */
const BESIDE: ReadonlySet<string> = new Set(['secret', 'format', 'optional', 'as']);

/**
 * Whether a map was meant for a secret. The options of a provider as a whole never are, and a map with other keys is one of
 * its own, of which one may well be called `secret`.
 */
function isSecretUse(value: unknown): value is PlacedUse['use'] {
  if (!isJsonObject(value) || typeof value['secret'] !== 'string') return false;
  return Object.keys(value).every((key) => BESIDE.has(key));
}

/** Takes the options of one provider apart. */
export function optionParts(options: JsonObject, path: Path): OptionParts {
  const uses: PlacedUse[] = [];
  const texts: { path: Path; text: string }[] = [];
  const visit = (value: unknown, place: Path): void => {
    if (typeof value === 'string') texts.push({ path: place, text: value });
    else if (place.length > path.length && isSecretUse(value)) uses.push({ path: place, use: value });
    else if (Array.isArray(value)) value.forEach((entry, index) => visit(entry, [...place, index]));
    else if (isJsonObject(value)) for (const [key, entry] of Object.entries(value)) visit(entry, [...place, key]);
  };
  visit(options, path);
  return { uses, texts };
}
