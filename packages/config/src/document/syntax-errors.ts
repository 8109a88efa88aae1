/**
 * Our words for the parser's error codes: its own messages may quote the text, and the text may hold a secret.
 */
export function describeSyntaxError(code: string, syntax: 'yaml' | 'json'): string {
  if (syntax === 'json')
    return JSON_MESSAGES[code] ?? 'this is not JSON: a comma, quote or bracket before it is missing';
  return YAML_MESSAGES[code] ?? 'this is not YAML';
}

const MULTIPLE_DOCS = 'a configuration is one document';
const BAD_ESCAPE = 'this escape sequence does not exist';

const JSON_MESSAGES: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE: BAD_ESCAPE,
  MULTIPLE_DOCS,
  IMPOSSIBLE: 'this cannot be read: nested too deeply',
  KEY_OVER_1024_CHARS: 'a key has at most 1024 characters',
};

const YAML_MESSAGES: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'this alias is malformed',
  BAD_COLLECTION_TYPE: 'this tag does not fit its value',
  BAD_DIRECTIVE: 'this directive is not supported',
  BAD_DQ_ESCAPE: BAD_ESCAPE,
  BAD_INDENT: 'the indentation is wrong, or a closing bracket is missing',
  BAD_PROP_ORDER: 'anchors and tags stand before the value',
  BAD_SCALAR_START: 'text that begins with this character needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'text with a colon followed by a space needs quotes',
  BLOCK_IN_FLOW: 'a comma is missing between these brackets',
  IMPOSSIBLE: 'this cannot be read: nested too deeply',
  KEY_OVER_1024_CHARS: 'a key has at most 1024 characters',
  MISSING_CHAR: 'a quote, colon or bracket is missing',
  MULTILINE_IMPLICIT_KEY: 'a key stands on one line, and a colon follows it',
  MULTIPLE_ANCHORS: 'a value has at most one anchor',
  MULTIPLE_DOCS,
  MULTIPLE_TAGS: 'a value has at most one tag',
  NON_STRING_KEY: 'a key must be text',
  TAB_AS_INDENT: 'YAML is indented with spaces, not with tabs',
  TAG_RESOLVE_FAILED: 'tags are not supported',
  UNEXPECTED_TOKEN: 'this does not belong here: a quote or bracket before it may be missing',
};
