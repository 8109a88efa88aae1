import * as v from 'valibot';
import { flag } from './values.ts';

const SETTING_WORDS = 'text or { secret: … }';

const REFERENCE = /^[a-z][a-z0-9-]*:\/\/[^\s\0]+$/;

/** What may stand in a variable: NUL would end it. */
const VARIABLE_TEXT = { characters: '[^\\0]', words: 'must not contain a NUL character' };

/** What may stand in a header: a line break would begin another one (RFC 9110, section 5.5). */
const HEADER_TEXT = { characters: '[\\t\\x20-\\x7e\\x80-\\xff]', words: 'must be one line of ASCII or Latin-1 text' };

function setting({ characters, words }: typeof VARIABLE_TEXT) {
  const plain = v.pipe(v.string(), v.regex(new RegExp(`^${characters}*$`), words));
  return v.union([plain, secretUse(characters)], SETTING_WORDS);
}

/** The secret in the place of a value; `characters` is what may stand around it, as a pattern. */
export function secretUse(characters: string) {
  const around = `(?:(?!\\{\\})${characters})*`;
  return v.strictObject(
    {
      secret: v.pipe(
        v.string('text'),
        v.regex(REFERENCE, 'must be a secret reference: scheme://rest, such as env://NAME'),
        v.description(
          'Reference of the secret, `scheme://rest`: `env://NAME`, `file:///run/secrets/name`, or a provider’s.',
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
      optional: v.exactOptional(
        flag('Leave the value out when the secret does not exist, instead of blocking the server.'),
        false,
      ),
    },
    'a map',
  );
}

/** Variables with which whoever sets them runs code of their own in the child before its program starts. */
const CODE_LOADING =
  /^(?:LD_.*|DYLD_.*|NODE_OPTIONS|PYTHONSTARTUP|PYTHONHOME|PYTHONBREAKPOINT|BASH_ENV|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|IFS|PERL5OPT|PERL5DB|RUBYOPT|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|GLIBC_TUNABLES|GCONV_PATH|COR_PROFILER|CORECLR_PROFILER|DOTNET_STARTUP_HOOKS)$/i;

const environmentName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable name has letters, digits and _, and does not begin with a digit'),
  v.check(
    (name) => !CODE_LOADING.test(name),
    'this variable is refused: it makes the program load foreign code before it starts',
  ),
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
  v.record(environmentName, setting(VARIABLE_TEXT), 'a map of variables'),
  v.description('Environment variables of the process: text, or a secret.'),
);

export const headers = v.pipe(
  v.record(headerName, setting(HEADER_TEXT), 'a map of headers'),
  v.description('Headers of every request to the server: text, or a secret.'),
);
