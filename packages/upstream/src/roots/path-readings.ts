import { isAbsolute, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Longer texts are no paths on any system. */
const MAX_LENGTH = 4_096;

/**
 * Dots, separators and NUL that only a second decoding would bring out: nobody knows whether the server decodes. `%25` is
 * a plain percent sign unless it hides another escape.
 */
const HIDDEN = /%(?:2e|2f|5c|00|25(?=[0-9a-f]{2}))/i;

/** `//server/share` and its forms: another machine. */
const NETWORK = /^[/\\]{2}/;

const DRIVE = /^[a-z]:/i;

const IS_WINDOWS = sep === '\\';

/**
 * Every absolute path that a server may understand by a text, for servers trim, normalise and read separators
 * differently. What follows `..` is kept both as the system resolves it (after symbolic links) and as programs do (before).
 * @param cwd where relative paths start; undefined: nobody knows
 * @returns undefined for a text that can be no path inside any folder
 */
export function readPath(text: string, cwd: string | undefined): ReadonlySet<string> | undefined {
  const trimmed = text.trim().replaceAll(/^["']|["']$/g, '');
  const paths = new Set<string>();
  for (const reading of [text, trimmed, ...(IS_WINDOWS ? [] : [slashed(text), slashed(trimmed)])]) {
    if (!isPlain(reading)) return undefined;
    if (!isAbsolute(reading) && cwd === undefined) return undefined;
    const raw = isAbsolute(reading) ? reading : `${cwd}${sep}${reading}`;
    paths.add(raw).add(resolve(raw));
  }
  return paths;
}

function slashed(text: string): string {
  return text.replaceAll('\\', '/');
}

function isPlain(text: string): boolean {
  if (text === '' || text.length > MAX_LENGTH || text.includes('\0')) return false;
  if (HIDDEN.test(text) || NETWORK.test(text)) return false;
  // Shells expand it, and so do many servers.
  if (text.startsWith('~')) return false;
  return IS_WINDOWS || !DRIVE.test(text);
}

/**
 * The same for a `file:` URI, of which servers make a path in three ways: by the rules of URLs, by decoding what stands
 * behind `file://`, or by taking that as it is.
 */
export function readFileUri(uri: string): ReadonlySet<string> | undefined {
  const rest = /^file:\/\/(?:localhost)?(?=\/)(.*)$/is.exec(uri)?.[1];
  // oxlint-disable-next-line no-control-regex -- they are what is looked for: URL parsers drop them
  if (rest === undefined || uri.length > MAX_LENGTH || HIDDEN.test(uri) || /[\0-\x1f\x7f]/.test(uri)) return undefined;
  const paths = new Set<string>();
  try {
    const local = IS_WINDOWS ? rest.slice(1) : rest;
    for (const text of [fileURLToPath(uri), decodeURIComponent(local), local]) {
      const readings = readPath(text, undefined);
      if (readings === undefined) return undefined;
      for (const path of readings) paths.add(path);
    }
  } catch {
    // Not an escape, or one that no path may have.
    return undefined;
  }
  return paths;
}

/** Whether this is a URI of the local file system, however it is written: URL parsers drop blanks and line breaks. */
export function isFileUri(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'file:';
}
