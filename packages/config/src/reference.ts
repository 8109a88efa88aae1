import { isJsonObject } from '@hostler/kernel';
import type { Json, JsonObject } from '@hostler/kernel';
import { BYTE_SIZE_PATTERN } from './byte-size.ts';
import { CALL_RATE_PATTERN } from './call-rate.ts';
import { DURATION_PATTERN } from './duration.ts';
import { configJsonSchema } from './json-schema.ts';

/** A table of every key in Markdown: key, type, default, meaning. */
export function configReference(): string {
  const rows = rowsOf(configJsonSchema(), '', {});
  const lines = rows.map(({ key, type, fallback, meaning }) => `| \`${key}\` | ${type} | ${fallback} | ${meaning} |`);
  return ['| key | type | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n');
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

interface Placement {
  readonly isRequired?: boolean;
}

/** The row of a schema, if it says what it means, and then the rows of what is inside. */
function rowsOf(schema: JsonObject, key: string, { isRequired = false }: Placement): Row[] {
  const inside = innerRows(schema, key);
  const meaning = schema['description'];
  if (typeof meaning !== 'string') return inside;
  return [{ key, type: typeOf(schema), fallback: fallbackOf(schema, isRequired), meaning }, ...inside];
}

function innerRows(schema: JsonObject, key: string): Row[] {
  const { properties, additionalProperties, items, required } = schema;
  if (isJsonObject(properties)) {
    const names = Array.isArray(required) ? (required as readonly Json[]) : [];
    return Object.entries(properties).flatMap(([name, inner]) => {
      const innerKey = key === '' ? name : `${key}.${name}`;
      return isJsonObject(inner) ? rowsOf(inner, innerKey, { isRequired: names.includes(name) }) : [];
    });
  }
  if (isJsonObject(items)) return rowsOf(items, `${key}[]`, {});
  const option = optionsOf(schema).find(({ type }) => type === 'object');
  if (option) return innerRows(option, key);
  return isJsonObject(additionalProperties) ? rowsOf(additionalProperties, `${key}.<name>`, {}) : [];
}

function optionsOf({ anyOf }: JsonObject): readonly JsonObject[] {
  return Array.isArray(anyOf) ? (anyOf as readonly Json[]).filter((option) => isJsonObject(option)) : [];
}

function typeOf(schema: JsonObject): string {
  const { type, items, additionalProperties, pattern } = schema;
  const values = schema['enum'];
  if (Array.isArray(values))
    return values
      .map((value: Json) => `\`${JSON.stringify(value)}\``)
      .join(', ')
      .replaceAll('"', '');
  const options = optionsOf(schema);
  if (options.length > 0) return options.map(typeOf).join(' or ');
  if (type === 'array') return isJsonObject(items) ? `list of ${typeOf(items)}` : 'list';
  if (type === 'object') return isJsonObject(additionalProperties) ? 'map' : 'settings';
  if (schema['const'] !== undefined) return `\`${JSON.stringify(schema['const'])}\``.replaceAll('"', '');
  if (type === 'string') return (typeof pattern === 'string' ? TEXT_FORMS.get(pattern) : undefined) ?? 'text';
  if (type === 'boolean') return '`true`, `false`';
  return type === 'integer' ? 'whole number' : 'anything';
}

/** Texts with a unit in them, by their pattern. */
const TEXT_FORMS: ReadonlyMap<string, string> = new Map([
  [DURATION_PATTERN.source, 'duration: `500ms`, `30s`, `2m`'],
  [CALL_RATE_PATTERN.source, 'rate: `10/s`, `600/min`, `5000/h`'],
  [BYTE_SIZE_PATTERN.source, 'size: `64KiB`, `512MiB`, `2GiB`'],
]);

function fallbackOf(schema: JsonObject, isRequired: boolean): string {
  if (isRequired) return 'required';
  const fallback = schema['default'];
  return fallback === undefined ? '' : `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``;
}
