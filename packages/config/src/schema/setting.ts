import * as v from 'valibot';
import { faultOf, NO_REFERENCE, REFERENCE, schemeOf } from '../secret-reference.ts';
import { faultOfTemplate, isTemplate, NOT_PERSONAL } from '../secret-template.ts';
import { flag } from './values.ts';

const SETTING_WORDS = 'text or { secret: … }';

/** What may stand in a variable: NUL would end it. */
const VARIABLE_TEXT = { characters: '[^\\0]', words: 'must not contain a NUL character' };

/** What may stand in a header: a line break would begin another one (RFC 9110, section 5.5). */
const HEADER_TEXT = { characters: '[\\t\\x20-\\x7e\\x80-\\xff]', words: 'must be one line of ASCII or Latin-1 text' };

function plain({ characters, words }: typeof VARIABLE_TEXT) {
  return v.pipe(v.string(), v.regex(new RegExp(`^${characters}*$`), words));
}

/** The secret in the place of a value; `characters` is what may stand around it, as a pattern. */
export function secretUse(characters: string) {
  return v.strictObject({ ...useEntries(characters), optional }, 'a map');
}

/** A secret without which the server cannot be used. */
export function neededSecret(characters: string) {
  return v.strictObject(useEntries(characters), 'a map: { secret: "env://NAME" }');
}

/** A secret in the place of a header, which may be each caller's own. */
function headerUse(characters: string) {
  return v.strictObject({ ...personalEntries(characters), optional }, 'a map');
}

/** The same in the place of a variable, which may hold the way to it instead of itself. */
function variableUse(characters: string) {
  return v.strictObject({ ...personalEntries(characters), optional, as: delivery }, 'a map');
}

/** The key of the vault, which cannot hold it itself, nor depend on a package that may want a secret from it. */
export function vaultKey() {
  const { format } = useEntries('[^\\0]');
  const secret = v.pipe(
    reference(),
    v.check(
      (text) => ['', 'env', 'file'].includes(schemeOf(text)),
      'the key of the encrypted file can only come from env:// or file://',
    ),
    v.description('Reference of the key: `env://NAME` or `file:///run/secrets/name`.'),
  );
  return v.strictObject({ secret, format }, 'a map: { secret: "env://NAME" }');
}

/** A secret by where it is. */
export function reference(faultIn = faultOfFixed) {
  return v.pipe(
    v.string('text'),
    v.regex(REFERENCE, NO_REFERENCE),
    v.check(
      (text) => faultIn(text) === undefined,
      ({ input }) => faultIn(input) ?? '',
    ),
  );
}

function faultOfFixed(text: string): string | undefined {
  return isTemplate(text) ? NOT_PERSONAL : faultOf(text);
}

function personalEntries(characters: string) {
  const secret = v.pipe(
    reference(faultOfTemplate),
    v.description(
      'Reference of the secret, `scheme://rest`: `env://NAME`, `file:///run/secrets/name`, `local://name`, or a provider’s. `{sub}` and other claims of the caller in it make it each caller’s own.',
    ),
  );
  return { ...useEntries(characters), secret };
}

function useEntries(characters: string) {
  const around = `(?:(?!\\{\\})${characters})*`;
  return {
    secret: v.pipe(
      reference(),
      v.description(
        'Reference of the secret, `scheme://rest`: `env://NAME`, `file:///run/secrets/name`, `local://name`, or a provider’s.',
      ),
    ),
    format: v.exactOptional(
      v.pipe(
        v.string('text'),
        v.regex(new RegExp(`^${around}\\{\\}${around}$`), 'must be text that contains {} exactly once'),
        v.description('Text around the secret; `{}` is its place. `Bearer {}` for most tokens.'),
      ),
      '{}',
    ),
  };
}

const optional = v.exactOptional(
  flag('Leave the value out when the secret cannot be had, instead of blocking the server.'),
  false,
);

const delivery = v.exactOptional(
  v.pipe(
    v.picklist(['env', 'file', 'fd']),
    v.description(
      'How the process gets it: as the value of the variable (`env`), or in a file (`file`) or an open descriptor (`fd`) of which the variable holds the path.',
    ),
  ),
  'env',
);

export const variableName = v.pipe(
  v.string('text'),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name has letters, digits and _, and does not begin with a digit'),
);

/** Headers that belong to the connection or to the protocol (MCP 2026-07-28, basic/transports), not to a person. */
const OWN_HEADERS: ReadonlySet<string> = new Set(
  (
    'accept accept-encoding connection content-encoding content-length content-type expect host keep-alive ' +
    'last-event-id mcp-method mcp-name mcp-protocol-version mcp-session-id proxy-connection te trailer ' +
    'transfer-encoding upgrade'
  ).split(' '),
);

export function isOwnHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return OWN_HEADERS.has(lower) || lower.startsWith('mcp-param-');
}

const headerName = v.pipe(
  v.string(),
  // RFC 9110, section 5.6.2: token
  v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'this is not the name of a header'),
  v.check((name) => !isOwnHeader(name), 'Hostler writes this header itself'),
);

export const environment = v.pipe(
  v.record(
    variableName,
    v.union([plain(VARIABLE_TEXT), variableUse(VARIABLE_TEXT.characters)], SETTING_WORDS),
    'a map of variables',
  ),
  v.description('Environment variables of the process: text, or a secret.'),
);

/** Of requests that the host sends for nobody in particular. */
export const hostHeaders = v.record(
  headerName,
  v.union([plain(HEADER_TEXT), secretUse(HEADER_TEXT.characters)], SETTING_WORDS),
  'a map of headers',
);

export const headers = v.pipe(
  v.record(
    headerName,
    v.union([plain(HEADER_TEXT), headerUse(HEADER_TEXT.characters)], SETTING_WORDS),
    'a map of headers',
  ),
  v.description('Headers of every request to the server: text, or a secret.'),
);
