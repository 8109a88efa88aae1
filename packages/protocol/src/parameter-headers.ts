import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { encodeHeaderValue } from './standard-headers.ts';

/** An argument that a tool wants mirrored in a header, as its input schema declares with `x-mcp-header`. */
export interface MirroredArgument {
  readonly path: readonly string[];
  /** Lower case, `mcp-param-` included. */
  readonly header: string;
}

/**
 * The mirrored arguments that a tool's input schema declares; undefined when a declaration is invalid, in which case a
 * client must not use the tool. Source: 2026-07-28, server/tools (`x-mcp-header`).
 */
export function mirroredArguments(inputSchema: Json | undefined): readonly MirroredArgument[] | undefined {
  const found: MirroredArgument[] = [];
  const valid = visit(inputSchema, [], found);
  const distinct = new Set(found.map(({ header }) => header)).size === found.length;
  return valid && distinct ? found : undefined;
}

/** The `Mcp-Param-*` headers of a call with these arguments. */
export function parameterHeaders(
  mirrored: readonly MirroredArgument[],
  args: Json | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { path, header } of mirrored) {
    const value = path.reduce<Json | undefined>(
      (node, key) => (isJsonObject(node) && Object.hasOwn(node, key) ? node[key] : undefined),
      args,
    );
    if (isMirrorable(value)) headers[header] = encodeHeaderValue(String(value));
  }
  return headers;
}

/** Integers that a parser may round have no one spelling, so both sides leave them out. */
function isMirrorable(value: Json | undefined): value is string | number | boolean {
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return typeof value === 'string' || typeof value === 'boolean';
}

/** Walks only chains of `properties`: a declaration anywhere else has no single argument to mirror. */
function visit(schema: Json | undefined, path: readonly string[], found: MirroredArgument[]): boolean {
  if (!isJsonObject(schema)) return true;
  const name = schema['x-mcp-header'];
  if (name !== undefined) {
    if (!isDeclarable(schema, path, name)) return false;
    found.push({ path, header: `mcp-param-${name.toLowerCase()}` });
  }
  if (declaresElsewhere(schema)) return false;
  const { properties } = schema;
  if (!isJsonObject(properties)) return true;
  return Object.entries(properties).every(([key, child]) => visit(child, [...path, key], found));
}

function isDeclarable(schema: JsonObject, path: readonly string[], name: Json): name is string {
  const primitive = PRIMITIVES.includes(schema['type']);
  return path.length > 0 && primitive && typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name);
}

/** Whether a declaration hides in a subschema that is no plain property. */
function declaresElsewhere(schema: JsonObject): boolean {
  return Object.entries(schema).some(
    ([keyword, value]) => keyword !== 'properties' && keyword !== 'x-mcp-header' && declaresUnder(keyword, value),
  );
}

function declaresUnder(keyword: string, value: Json | undefined): boolean {
  if (DATA_KEYWORDS.has(keyword)) return false;
  if (SCHEMAS_BY_NAME.has(keyword) && isJsonObject(value)) return Object.values(value).some(declaresWithin);
  return declaresWithin(value);
}

function declaresWithin(schema: Json | undefined): boolean {
  if (Array.isArray(schema)) return schema.some(declaresWithin);
  if (!isJsonObject(schema)) return false;
  if (Object.hasOwn(schema, 'x-mcp-header')) return true;
  return Object.entries(schema).some(([keyword, value]) => declaresUnder(keyword, value));
}

/** Keywords whose values are data, not schemas. */
const DATA_KEYWORDS = new Set(['default', 'const', 'enum', 'examples', 'dependentRequired']);

/** Keywords whose values map names to schemas: a name in there is no keyword, whatever it is. */
const SCHEMAS_BY_NAME = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);

const PRIMITIVES: readonly (Json | undefined)[] = ['string', 'integer', 'boolean'];
