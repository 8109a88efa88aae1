import { secretErrors } from './secret-errors.ts';

/** Where a secret is kept: `scheme://path` or `scheme://path#key`. Safe to print. */
export interface SecretRef {
  /** The whole reference as it was written. */
  readonly text: string;
  readonly scheme: string;
  /** Everything between `://` and `#`; its meaning is the provider's. Nothing in it is decoded. */
  readonly path: string;
  /** A dotted path into a JSON value; `\.` is a dot inside a name. */
  readonly key?: string;
}

/** Longest reference in characters (security.md 3.1: URI 2 KiB). */
const MAX_LENGTH = 2048;
const SCHEME = /^[a-z][a-z0-9+.-]{0,31}$/;
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export function isSecretScheme(text: string): boolean {
  return SCHEME.test(text);
}

/**
 * Reads a reference. A refused text is never repeated in the error beyond its scheme: it may be a secret that was
 * written where its reference belongs.
 * @throws SECRET_REFERENCE_INVALID
 */
export function parseSecretRef(text: string): SecretRef {
  checkCharacters(text);
  const separator = text.indexOf('://');
  const scheme = separator < 0 ? '' : text.slice(0, separator);
  if (!isSecretScheme(scheme)) {
    throw invalid('write scheme://path with a lower-case scheme, for example env://NAME or file:///path.');
  }
  const rest = text.slice(separator + 3);
  const hash = rest.indexOf('#');
  const path = hash < 0 ? rest : rest.slice(0, hash);
  if (path === '') throw invalid('name the secret after ://.', scheme);
  if (path.trim() !== path) throw invalid('remove the white space around its path.', scheme);
  if (hash < 0) return Object.freeze({ text, scheme, path });
  const key = rest.slice(hash + 1);
  checkKey(key, scheme);
  return Object.freeze({ text, scheme, path, key });
}

/** The names of a dotted key: `a.b\.c` is `a`, `b.c`. */
export function keyNames(key: string): readonly string[] {
  return key.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
}

/** The reference of the whole value. */
export function withoutKey(ref: SecretRef): SecretRef {
  if (ref.key === undefined) return ref;
  return Object.freeze({ text: `${ref.scheme}://${ref.path}`, scheme: ref.scheme, path: ref.path });
}

function checkCharacters(text: string): void {
  if (text.length > MAX_LENGTH) throw invalid(`shorten it to ${MAX_LENGTH} characters.`);
  const place = text.search(UNPRINTABLE);
  if (place >= 0) throw invalid(`remove the control or invisible character at position ${place + 1}.`);
  if (!text.isWellFormed()) throw invalid('remove the broken character (half of a surrogate pair).');
}

function checkKey(key: string, scheme: string): void {
  if (key === '') throw invalid('name a key after # or remove the #.', scheme);
  if (key.includes('#')) throw invalid('keep one # only: it separates the path from the key.', scheme);
  if (keyNames(key).includes('')) throw invalid('remove the empty name from the dotted key.', scheme);
}

function invalid(problem: string, scheme?: string): Error {
  const reference = scheme === undefined ? '(not shown)' : `${scheme}://…`;
  return secretErrors.REFERENCE_INVALID({ details: { reference, problem } });
}
